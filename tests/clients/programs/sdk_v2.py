"""What a program with version 2 of the SageMaker Python SDK does, from its data to an answer of its endpoint.

Run by its test in the SDK's own environment; what it saw goes to the file of its only argument, as JSON.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from sagemaker import Session
from sagemaker.automl.automlv2 import AutoMLDataChannel, AutoMLTextGenerationConfig, AutoMLV2
from sagemaker.automl.candidate_estimator import CandidateEstimator
from sagemaker.deserializers import JSONDeserializer
from sagemaker.predictor import Predictor
from sagemaker.serializers import JSONSerializer

from emulator.bundled import FIXTURES
from emulator.testing.sagemaker_sdk import point_sagemaker_sdk_at

JOB, ENDPOINT, ROLE = "sdk-v2", "sdk-v2", "sdk-v2-role"


def main(report: Path) -> None:
    """Everything, in a user's order."""
    point_sagemaker_sdk_at(os.environ["AWS_ENDPOINT_URL"])
    trust = {"Version": "2012-10-17", "Statement": []}
    boto3.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    session = Session()
    seen = {"account": session.account_id(), "bucket": session.default_bucket(), "role": session.expand_role(ROLE)}
    fit(session)
    attached = AutoMLV2.attach(JOB, sagemaker_session=session)
    seen |= job(attached) | candidates(attached, session) | endpoint(attached, session)
    report.write_text(json.dumps(seen, default=str), encoding="utf-8")


def fit(session: Any) -> None:
    """Upload, create, and wait as the SDK waits: it describes the job after 10 s, and then every 30 s."""
    data = session.upload_data(str(FIXTURES / "datasets" / "facts_100.csv"), key_prefix="input")
    config = AutoMLTextGenerationConfig(
        base_model_name="Falcon7BInstruct", text_generation_hyper_params={"epochCount": "1"}, max_candidates=1
    )
    automl = AutoMLV2(
        problem_config=config,
        role=ROLE,
        sagemaker_session=session,
        validation_fraction=0.2,
        tags=[{"Key": "team", "Value": "green"}],
    )
    channel = AutoMLDataChannel("S3Prefix", data, channel_type="training", content_type="text/csv")
    automl.fit(inputs=[channel], job_name=JOB)


def job(attached: Any) -> dict[str, Any]:
    """What an attached job knows of itself."""
    described = attached.describe_auto_ml_job()
    return {
        "status": described["AutoMLJobStatus"],
        "deployed": described.get("ModelDeployConfig"),
        "config": attached.problem_config.to_request_dict(),
        "tags": attached.tags,
        "channels": [channel.to_request_dict() for channel in attached.inputs],
    }


def candidates(attached: Any, session: Any) -> dict[str, Any]:
    """The best candidate, all of them, and the training job behind one."""
    best = attached.best_candidate()
    (only,) = attached.list_candidates(sort_by="CreationTime", sort_order="Descending", max_results=1)
    steps = CandidateEstimator(best, sagemaker_session=session).get_steps()
    metrics = best["CandidateProperties"]["CandidateMetrics"]
    return {
        "metrics": {metric["StandardMetricName"]: metric["Value"] for metric in metrics},
        "same_candidate": only == best,
        "steps": [
            {"name": step.name, "type": step.type, "inputs": step.inputs, "description": step.description}
            for step in steps
        ],
    }


def endpoint(attached: Any, session: Any) -> dict[str, Any]:
    """Deploy, predict, delete. deploy(wait=True) would look again after 30 s only."""
    predictor = attached.deploy(
        initial_instance_count=1,
        instance_type="ml.g5.2xlarge",
        endpoint_name=ENDPOINT,
        predictor_cls=Predictor,
        serializer=JSONSerializer(),
        deserializer=JSONDeserializer(),
        wait=False,
    )
    session.wait_for_endpoint(ENDPOINT, poll=1)
    answer = predictor.predict({"inputs": "What is the capital of France?", "parameters": {"max_new_tokens": 8}})
    predictor.delete_endpoint()
    patience = {"Delay": 1, "MaxAttempts": 60}
    session.sagemaker_client.get_waiter("endpoint_deleted").wait(EndpointName=ENDPOINT, WaiterConfig=patience)
    return {"answer": answer}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
