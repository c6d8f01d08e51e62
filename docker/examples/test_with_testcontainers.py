"""One emulator in a container for all tests.

Before: `pip install boto3 pytest testcontainers`, and in a checkout of the emulator
`docker build -f docker/Dockerfile -t automl-emulator .` (or name another image in AUTOML_EMULATOR_IMAGE).
testcontainers publishes the port on every address of the machine, so run it where you trust the network.
"""

import os
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

IMAGE = os.environ.get("AUTOML_EMULATOR_IMAGE", "automl-emulator")
BUCKET = "my-bucket"


@pytest.fixture(scope="session", name="aws")
def _aws() -> Iterator[Any]:
    """Makes clients of the emulator; the container goes when the tests are over."""
    container = DockerContainer(IMAGE).with_exposed_ports(4599)
    with container.waiting_for(HttpWaitStrategy(4599, "/health")) as emulator:
        url = f"http://{emulator.get_container_host_ip()}:{emulator.get_exposed_port(4599)}"
        session = boto3.Session("test", "test", region_name="us-east-1")
        yield lambda service: session.client(service, endpoint_url=url)


def test_fine_tune(aws: Any) -> None:
    """A job completes, with real metrics."""
    s3, sagemaker = aws("s3"), aws("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    rows = "".join(f"What is {a} plus {b}?,{a} plus {b} is {a + b}.\n" for a in range(1, 11) for b in range(1, 11))
    s3.put_object(Bucket=BUCKET, Key="train.csv", Body="input,output\n" + rows)
    sagemaker.create_auto_ml_job_v2(
        AutoMLJobName="my-job",
        AutoMLJobInputDataConfig=[
            {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train.csv"}}}
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        RoleArn="arn:aws:iam::123456789012:role/my-role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {"BaseModelName": "Falcon7BInstruct"}},
    )
    while "EndTime" not in (job := sagemaker.describe_auto_ml_job_v2(AutoMLJobName="my-job")):
        time.sleep(0.5)
    assert job["AutoMLJobStatus"] == "Completed"
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert {"Rouge1", "Perplexity"} <= {metric["StandardMetricName"] for metric in metrics}
