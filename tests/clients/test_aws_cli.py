"""The AWS CLI, version 1."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.bundled import FIXTURES
from emulator.testing import RunningEmulator
from tests.clients.conftest import METRICS
from tests.support.requests import ROLE
from tests.support.server import Server

BUCKET, JOB, ENDPOINT = "aws-cli", "aws-cli", "aws-cli"

Aws = Callable[..., Any]


@pytest.fixture(scope="module", name="job")
def _job(aws_cli: Aws) -> Any:
    """A job made from the command line, ended."""
    aws_cli("s3", "mb", f"s3://{BUCKET}")
    aws_cli("s3", "cp", FIXTURES / "datasets" / "facts_100.csv", f"s3://{BUCKET}/input/facts.csv")
    created = aws_cli("sagemaker", "create-auto-ml-job-v2", "--cli-input-json", json.dumps(_request(JOB)))
    assert created["AutoMLJobArn"].endswith(f":automl-job/{JOB}")
    while "EndTime" not in (job := aws_cli("sagemaker", "describe-auto-ml-job-v2", "--auto-ml-job-name", JOB)):
        time.sleep(0.5)
    return job


def _request(name: str) -> dict[str, Any]:
    hyperparameters = {"epochCount": "1"}
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/input/facts.csv"}
    return {
        "AutoMLJobName": name,
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
        "RoleArn": ROLE,
        "AutoMLProblemTypeConfig": {"TextGenerationJobConfig": {"TextGenerationHyperParameters": hyperparameters}},
        "Tags": [{"Key": "team", "Value": "green"}],
    }


def test_job_completes_with_its_metrics(job: Any) -> None:
    """create-auto-ml-job-v2 with a JSON request, and describe-auto-ml-job-v2 until it has ended."""
    assert job["AutoMLJobStatus"] == "Completed"
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert {metric["StandardMetricName"] for metric in metrics} == METRICS


def test_artifacts_are_there_for_s3_commands(aws_cli: Aws, job: Any, tmp_path: Path) -> None:
    """`s3 ls` shows what the job stored, and `s3 cp` brings it."""
    folder = job["BestCandidate"]["InferenceContainers"][0]["Environment"]["AUTOML_EMULATOR_ARTIFACTS"]
    assert "model.tar.gz" in aws_cli("s3", "ls", f"{folder.rstrip('/')}/")
    aws_cli("s3", "cp", f"{folder.rstrip('/')}/metrics.json", tmp_path / "metrics.json")
    stored = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert stored["metrics"].keys() == METRICS


def test_lists_and_queries(aws_cli: Aws, job: Any) -> None:
    """Lists are followed over their pages and cut by --max-items; --query and --output text work on every answer."""
    listed = aws_cli("sagemaker", "list-auto-ml-jobs", "--name-contains", JOB, "--page-size", "1", "--max-items", "5")
    assert [summary["AutoMLJobName"] for summary in listed["AutoMLJobSummaries"]] == [JOB]
    candidates = aws_cli("sagemaker", "list-candidates-for-auto-ml-job", "--auto-ml-job-name", JOB)
    assert candidates["Candidates"] == [job["BestCandidate"]]
    query = ["--query", "Tags[0].Value", "--output", "text"]
    assert aws_cli("sagemaker", "list-tags", "--resource-arn", job["AutoMLJobArn"], *query) == "green\n"


@pytest.mark.usefixtures("job")
def test_errors_are_told_in_awss_words(aws_cli: Aws) -> None:
    """A refused call ends with the operation, the code and the message, and without a second try."""
    told = aws_cli("sagemaker", "describe-auto-ml-job-v2", "--auto-ml-job-name", "no-such-job")
    assert "(ResourceNotFound) when calling the DescribeAutoMLJobV2 operation" in told
    told = aws_cli("sagemaker", "create-auto-ml-job-v2", "--cli-input-json", json.dumps(_request(JOB)))
    assert "(ResourceInUse) when calling the CreateAutoMLJobV2 operation" in told
    assert "reached max retries" not in told


def test_throttled_call_is_tried_again(aws_cli: Aws, training_server: Server) -> None:
    """The command prints its answer, as if nothing had been."""
    RunningEmulator(training_server.url).faults.throttle("ListAutoMLJobs")
    assert "AutoMLJobSummaries" in aws_cli("sagemaker", "list-auto-ml-jobs")


def test_deployed_model_answers(aws_cli: Aws, job: Any, tmp_path: Path) -> None:
    """From create-model over `wait endpoint-in-service` to invoke-endpoint, which writes the answer to a file."""
    containers = json.dumps(job["BestCandidate"]["InferenceContainers"])
    names = ["--model-name", ENDPOINT, "--execution-role-arn", ROLE]
    aws_cli("sagemaker", "create-model", *names, "--containers", containers)
    variant = f"VariantName=all,ModelName={ENDPOINT},InstanceType=ml.g5.2xlarge,InitialInstanceCount=1"
    config = ["--endpoint-config-name", ENDPOINT]
    aws_cli("sagemaker", "create-endpoint-config", *config, "--production-variants", variant)
    aws_cli("sagemaker", "create-endpoint", "--endpoint-name", ENDPOINT, *config)
    while "InService" not in aws_cli("sagemaker", "describe-endpoint", "--endpoint-name", ENDPOINT)["EndpointStatus"]:
        time.sleep(0.5)  # the waiter would look again after 30 s only
    assert aws_cli("sagemaker", "wait", "endpoint-in-service", "--endpoint-name", ENDPOINT) == ""
    body = tmp_path / "body.json"
    body.write_text('{"inputs": "What is the capital of France?"}', encoding="utf-8")
    invocation = ["--content-type", "application/json", "--body", f"fileb://{body}"]
    told = aws_cli(
        "sagemaker-runtime", "invoke-endpoint", "--endpoint-name", ENDPOINT, *invocation, tmp_path / "answer.json"
    )
    assert told["InvokedProductionVariant"] == "all"
    (answer,) = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert isinstance(answer["generated_text"], str)
    assert aws_cli("sagemaker", "delete-endpoint", "--endpoint-name", ENDPOINT) == ""
