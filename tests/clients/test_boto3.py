"""boto3 as its users have it: with its own checks, retries, paginators and waiters, led here by the environment."""

import json
import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.testing import RunningEmulator
from tests.clients.conftest import METRICS
from tests.support.requests import ROLE, channel, text_generation, with_value
from tests.support.server import Server

JOB, ENDPOINT = "boto3", "boto3"
EVERY_SECOND = {"Delay": 1, "MaxAttempts": 120}


@pytest.fixture(name="at_emulator", autouse=True)
def _at_emulator(aws_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's environment, as a user sets it."""
    for name, value in aws_environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)


@pytest.fixture(scope="module", name="job")
def _job(training_server: Server) -> Any:
    """A small job, completed."""
    request = text_generation(JOB, channel("input/facts_100.csv"), TextGenerationHyperParameters={"epochCount": "1"})
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    return training_server.wait(JOB, "Completed")


def client(service: str, **options: Any) -> Any:
    """A client of a session that knows nothing but the environment."""
    return boto3.Session().client(service, **options)


def test_environment_alone_leads_every_service_here() -> None:
    """With AWS_ENDPOINT_URL set, a job goes from upload to metrics through clients made without any argument."""
    s3, sagemaker = client("s3"), client("sagemaker")
    s3.create_bucket(Bucket="boto3")
    s3.put_object(Bucket="boto3", Key="train.csv", Body="input,output\n" + "a question,an answer\n" * 60)
    request = with_value(
        text_generation("boto3-environment", TextGenerationHyperParameters={"epochCount": "1"}),
        "AutoMLJobInputDataConfig.0.DataSource.S3DataSource.S3Uri",
        "s3://boto3/train.csv",
    )
    sagemaker.create_auto_ml_job_v2(**request)
    while "EndTime" not in (job := sagemaker.describe_auto_ml_job_v2(AutoMLJobName="boto3-environment")):
        time.sleep(0.1)
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert {metric["StandardMetricName"] for metric in metrics} == METRICS
    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    assert "Roles" in client("iam").list_roles()


def test_one_service_can_be_led_here(training_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With AWS_ENDPOINT_URL_SAGEMAKER alone, SageMaker is the emulator and every other service is AWS."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", training_server.url)
    assert "AutoMLJobSummaries" in client("sagemaker").list_auto_ml_jobs()
    assert client("s3").meta.endpoint_url == "https://s3.amazonaws.com"
    assert "amazonaws.com" in client("sagemaker-runtime").meta.endpoint_url


def test_paginators_bring_everything_once(job: Any) -> None:
    """Pages of one job, and of one candidate, follow each other to the end."""
    sagemaker = client("sagemaker")
    pages = sagemaker.get_paginator("list_auto_ml_jobs").paginate(PaginationConfig={"PageSize": 1})
    names = [summary["AutoMLJobName"] for page in pages for summary in page["AutoMLJobSummaries"]]
    assert JOB in names
    assert names == sorted(set(names), reverse=True)
    pages = sagemaker.get_paginator("list_candidates_for_auto_ml_job").paginate(AutoMLJobName=JOB)
    assert list(pages.search("Candidates[].CandidateName")) == [job["BestCandidate"]["CandidateName"]]


def test_waiter_of_training_jobs_knows_the_candidates_step(job: Any) -> None:
    """The training job that the candidate names as its step is described as ended, so that its waiter returns."""
    (step,) = job["BestCandidate"]["CandidateSteps"]
    assert step["CandidateStepType"] == "AWS::SageMaker::TrainingJob"
    sagemaker = client("sagemaker")
    name = step["CandidateStepName"]
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig=EVERY_SECOND)
    assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Completed"


def test_waiters_follow_an_endpoint_from_its_making_to_its_end(job: Any) -> None:
    """endpoint_in_service, an answer with the variant's name, and endpoint_deleted."""
    sagemaker = client("sagemaker")
    containers = job["BestCandidate"]["InferenceContainers"]
    sagemaker.create_model(ModelName=ENDPOINT, ExecutionRoleArn=ROLE, Containers=containers)
    variant = {"VariantName": "all", "ModelName": ENDPOINT, "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=ENDPOINT, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=ENDPOINT, WaiterConfig=EVERY_SECOND)
    body = json.dumps({"inputs": "What is the capital of France?", "parameters": {"max_new_tokens": 8}})
    told = client("sagemaker-runtime").invoke_endpoint(EndpointName=ENDPOINT, ContentType="application/json", Body=body)
    (answer,) = json.load(told["Body"])
    assert isinstance(answer["generated_text"], str)
    assert told["InvokedProductionVariant"] == "all"
    sagemaker.delete_endpoint(EndpointName=ENDPOINT)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=ENDPOINT, WaiterConfig=EVERY_SECOND)


@pytest.mark.usefixtures("job")
def test_refusals_are_not_tried_again() -> None:
    """A modelled error is an exception class of the client, and comes at the first try in every retry mode."""
    for mode in ("legacy", "standard", "adaptive"):
        sagemaker = client("sagemaker", config=Config(retries={"mode": mode}))
        with pytest.raises(sagemaker.exceptions.ResourceNotFound) as refused:
            sagemaker.describe_auto_ml_job_v2(AutoMLJobName="no-such-job")
        assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 0
        with pytest.raises(ClientError, match="ResourceInUse"):
            sagemaker.create_auto_ml_job_v2(**text_generation(JOB))


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("fault", ["ThrottlingException", "ServiceUnavailable", "ConnectionClosed"])
def test_faults_are_tried_again_until_the_answer_comes(training_server: Server, mode: str, fault: str) -> None:
    """A throttled call, a 5xx and a closed connection are tried again in every retry mode, and then answered."""
    control = RunningEmulator(training_server.url)
    control.faults.add("ListAutoMLJobs", error=fault)
    answer = client("sagemaker", config=Config(retries={"mode": mode})).list_auto_ml_jobs()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert control.faults.list()[-1]["struck"] == 1
