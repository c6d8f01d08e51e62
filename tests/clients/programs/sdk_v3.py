"""What a program with sagemaker-core, the core of the SageMaker Python SDK's version 3, does with a job and its model.

Run by its test in the SDK's own environment; what it saw goes to the file of its only argument, as JSON.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import AutoMLJobV2, Endpoint, EndpointConfig, Model
from sagemaker.core.shapes import (
    AutoMLDataSource,
    AutoMLJobChannel,
    AutoMLOutputDataConfig,
    AutoMLProblemTypeConfig,
    AutoMLS3DataSource,
    ContainerDefinition,
    ProductionVariant,
    TextGenerationJobConfig,
)
from sagemaker.core.utils.exceptions import FailedStatusError

from emulator.bundled import FIXTURES
from emulator.testing.sagemaker_sdk import point_sagemaker_sdk_at

JOB, ENDPOINT = "sdk-v3", "sdk-v3"
ROLE = "arn:aws:iam::123456789012:role/role"


def main(report: Path) -> None:
    """Everything, in a user's order."""
    point_sagemaker_sdk_at(os.environ["AWS_ENDPOINT_URL"])
    session = Session()
    bucket = session.default_bucket()
    boto3.client("s3").upload_file(str(FIXTURES / "datasets" / "facts_100.csv"), bucket, "input/facts.csv")
    job = create(bucket, JOB, "input/facts.csv")
    job.wait(poll=1)
    best = AutoMLJobV2.get(JOB).best_candidate
    seen = {
        "bucket": bucket,
        "status": job.auto_ml_job_status,
        "metrics": {
            metric.standard_metric_name: metric.value for metric in best.candidate_properties.candidate_metrics
        },
        "failure": failure(bucket),
        "missing": missing(),
        "answer": endpoint(best.inference_containers),
    }
    report.write_text(json.dumps(seen, default=str), encoding="utf-8")


def create(bucket: str, name: str, key: str) -> Any:
    """A job on an object of the bucket."""
    source = AutoMLS3DataSource(s3_data_type="S3Prefix", s3_uri=f"s3://{bucket}/{key}")
    config = TextGenerationJobConfig(
        base_model_name="Falcon7BInstruct", text_generation_hyper_parameters={"epochCount": "1"}
    )
    return AutoMLJobV2.create(
        auto_ml_job_name=name,
        auto_ml_job_input_data_config=[
            AutoMLJobChannel(
                channel_type="training", content_type="text/csv", data_source=AutoMLDataSource(s3_data_source=source)
            )
        ],
        output_data_config=AutoMLOutputDataConfig(s3_output_path=f"s3://{bucket}/output"),
        auto_ml_problem_type_config=AutoMLProblemTypeConfig(text_generation_job_config=config),
        role_arn=ROLE,
    )


def failure(bucket: str) -> str:
    """What the SDK says of a job whose data has one column."""
    boto3.client("s3").put_object(Bucket=bucket, Key="broken/one_column.csv", Body=b"input\nalone\n")
    try:
        create(bucket, f"{JOB}-broken", "broken/one_column.csv").wait(poll=1)
    except FailedStatusError as error:
        return str(error)
    return ""


def missing() -> str:
    """The code of the error for a job that is not there."""
    try:
        AutoMLJobV2.get("no-such-job")
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def endpoint(containers: Any) -> Any:
    """Model, configuration, endpoint, an answer, and the end of all three."""
    definitions = [
        ContainerDefinition(image=one.image, model_data_url=one.model_data_url, environment=one.environment)
        for one in containers
    ]
    model = Model.create(model_name=ENDPOINT, execution_role_arn=ROLE, containers=definitions)
    variant = ProductionVariant(
        variant_name="all", model_name=ENDPOINT, instance_type="ml.g5.2xlarge", initial_instance_count=1
    )
    config = EndpointConfig.create(endpoint_config_name=ENDPOINT, production_variants=[variant])
    serving = Endpoint.create(endpoint_name=ENDPOINT, endpoint_config_name=ENDPOINT)
    serving.wait_for_status("InService", poll=1)
    body = json.dumps({"inputs": "What is the capital of France?", "parameters": {"max_new_tokens": 8}})
    answer = json.loads(serving.invoke(body=body, content_type="application/json").body.read())
    for resource in (serving, config, model):
        resource.delete()
    return answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
