"""The two limits on time in CompletionCriteria, with real training."""

import re
from typing import Any

import pytest

from emulator.log_client import LogClient
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server
from tests.training.recompute import Artifacts, described, recompute

LONG = {"epochCount": "10", "batchSize": "1"}
ROWS = "".join(f"What is {n} plus {n}?,{n} plus {n} is {n + n}.\n" for n in range(200))


def run(server: Server, name: str, criteria: dict[str, int], status: str) -> dict[str, Any]:
    """A job of 1,600 steps, which take longer than any limit here."""
    server.client("s3").put_object(Bucket=BUCKET, Key="deadlines.csv", Body=b"input,output\n" + ROWS.encode())
    config = {"TextGenerationHyperParameters": LONG, "CompletionCriteria": criteria}
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, channel("deadlines.csv"), **config))
    return server.wait(name, status, seconds=60)


@pytest.mark.usefixtures("completed_job")  # the server is warm then: a job's time begins at its create
@pytest.mark.parametrize(
    ("limit", "secondary"),
    [
        ("MaxAutoMLJobRuntimeInSeconds", "MaxAutoMLJobRuntimeReached"),
        ("MaxRuntimePerTrainingJobInSeconds", "Completed"),
    ],
)
def test_limit_keeps_the_best_so_far(training_server: Server, limit: str, secondary: str) -> None:
    """A limit ends the training in time to measure and store what there is; only the job's own limit shows."""
    name = f"limit-{secondary}"
    job = run(training_server, name, {limit: 10}, "Completed")
    assert job["AutoMLJobSecondaryStatus"] == secondary
    assert (job["EndTime"] - job["CreationTime"]).total_seconds() < 14
    artifacts = Artifacts(training_server.client("s3"), job["BestCandidate"]["InferenceContainers"][0]["ModelDataUrl"])
    told = artifacts.json("metrics.json")
    assert told["ended_early_by"] == limit
    assert 0 < told["counts"]["training_steps"] < 1600
    (step,) = job["BestCandidate"]["CandidateSteps"]
    training_job = training_server.client("sagemaker").describe_training_job(TrainingJobName=step["CandidateStepName"])
    assert training_job["SecondaryStatus"] == "MaxRuntimeExceeded"
    again = recompute(artifacts)
    assert {metric: pytest.approx(value, rel=1e-5) for metric, value in described(job).items()} == again


def test_job_without_time_for_a_step_has_no_candidate(training_server: Server) -> None:
    """Where the job's limit leaves no time to train, the job is Completed without a BestCandidate."""
    job = run(training_server, "no-time", {"MaxAutoMLJobRuntimeInSeconds": 1}, "Completed")
    assert job["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
    assert "BestCandidate" not in job


def test_training_job_without_time_for_a_step_fails(training_server: Server) -> None:
    """Where the training job's limit leaves no time to train, the job fails, and the reason says what took it."""
    job = run(training_server, "no-training-time", {"MaxRuntimePerTrainingJobInSeconds": 1}, "Failed")
    assert "MaxRuntimePerTrainingJobInSeconds left no time for a step" in job["FailureReason"]
    assert re.search(r"Measuring the base model took \d+\.\d seconds, and measuring", job["FailureReason"])
    text = "".join(LogClient(training_server.url, "us-east-1", "no-training-time").parts(follow=False))
    assert re.search(r"INFO measuring the base model on 40 validation rows, before the fine-tune\n", text)
    assert re.search(r"INFO measured in \d+\.\d seconds: {'Rouge1': ", text)
