"""DescribeAutoMLJobV2: what the record of a job looks like from outside."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from tests.support.requests import text_generation, user_guide
from tests.support.schemas import check_response
from tests.support.server import Server


def test_running_job_echoes_its_request_without_defaults(own_server: Server, hold: Callable[..., str]) -> None:
    """While it runs, a job shows its request as it came, and no EndTime and no BestCandidate."""
    request = user_guide("hold-echo")
    arn = hold("hold-echo", request)
    job = own_server.post("DescribeAutoMLJobV2", {"AutoMLJobName": "hold-echo"}).json()
    check_response("DescribeAutoMLJobV2", job)
    assert job["AutoMLJobArn"] == arn == "arn:aws:sagemaker:us-east-1:123456789012:automl-job/hold-echo"
    assert {member: job[member] for member in request} == request
    assert not {"EndTime", "BestCandidate", "FailureReason", "DataSplitConfig", "Tags"} & job.keys()


def test_completed_job_has_its_candidate(own_server: Server) -> None:
    """A completed job has EndTime, ResolvedAttributes with AWS's default model, and one candidate of one step."""
    own_server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-candidate"))
    own_server.wait("done-candidate", "Completed")
    job = own_server.post("DescribeAutoMLJobV2", {"AutoMLJobName": "done-candidate"}).json()
    check_response("DescribeAutoMLJobV2", job)
    assert job["CreationTime"] <= job["LastModifiedTime"] == job["EndTime"]
    resolved = job["ResolvedAttributes"]["AutoMLProblemTypeResolvedAttributes"]["TextGenerationResolvedAttributes"]
    assert resolved == {"BaseModelName": "Falcon7BInstruct"}
    candidate = job["BestCandidate"]
    (step,) = candidate["CandidateSteps"]
    assert step["CandidateStepName"] == candidate["CandidateName"]
    assert step["CandidateStepArn"].endswith(f":training-job/{candidate['CandidateName']}")


def test_a_job_is_described_under_every_spelling_of_its_name(own_server: Server, ended_job: dict[str, str]) -> None:
    """Names are case-insensitive, and the answer has the one that the job was made with."""
    assert own_server.describe(ended_job["job"].upper())["AutoMLJobName"] == ended_job["job"]


def test_a_job_is_not_described_in_another_region(own_server: Server, ended_job: dict[str, str]) -> None:
    """A job belongs to the region in which it was made."""
    with pytest.raises(ClientError, match="can't find an AutoML job"):
        replace(own_server, region="sa-east-1").describe(ended_job["job"])


def test_a_failed_job_shows_its_reason_and_no_more(own_server: Server) -> None:
    """A job that fails on its data has EndTime and FailureReason, and no ResolvedAttributes, as in AWS's transcript."""
    own_server.client("sagemaker").create_auto_ml_job_v2(**text_generation("refuse-described"))
    own_server.wait("refuse-described", "Failed")
    job = own_server.post("DescribeAutoMLJobV2", {"AutoMLJobName": "refuse-described"}).json()
    check_response("DescribeAutoMLJobV2", job)
    assert job["FailureReason"].endswith("Error message: ClientError: the data are bad")
    assert "EndTime" in job
    assert not {"ResolvedAttributes", "BestCandidate"} & job.keys()
