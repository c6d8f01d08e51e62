"""StopAutoMLJob: what becomes of a job that waits, runs, or has ended."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.support.requests import text_generation
from tests.support.schemas import check_response
from tests.support.server import Server


def test_a_running_job_is_stopped(own_server: Server, hold: Callable[..., str]) -> None:
    """A running job becomes Stopped, with EndTime, without a candidate and without a reason; the answer is empty."""
    hold("hold-stop-running")
    response = own_server.post("StopAutoMLJob", {"AutoMLJobName": "hold-stop-running"})
    assert (response.status_code, response.content) == (200, b"")
    job = own_server.wait("hold-stop-running", "Stopped")
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Stopped", "Stopped")
    assert job["EndTime"] == job["LastModifiedTime"]
    assert not {"BestCandidate", "FailureReason"} & job.keys()
    described = own_server.post("DescribeAutoMLJobV2", {"AutoMLJobName": "hold-stop-running"}).json()
    check_response("DescribeAutoMLJobV2", described)


def test_a_queued_job_is_stopped_where_it_waits(own_server: Server, hold: Callable[..., str]) -> None:
    """A job that no worker has begun is Stopped at once, and never trains."""
    for number in range(4):
        hold(f"hold-busy-{number}")
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_auto_ml_job_v2(**text_generation("hold-queued"))
    assert own_server.describe("hold-queued")["AutoMLJobSecondaryStatus"] == "Starting"
    sagemaker.stop_auto_ml_job(AutoMLJobName="hold-queued")
    job = own_server.describe("hold-queued")
    assert job["AutoMLJobStatus"] == "Stopped"
    assert "ResolvedAttributes" not in job


@pytest.mark.parametrize(("scenario", "status"), [("done", "Completed"), ("refuse", "Failed")])
def test_an_ended_job_is_not_stopped(own_server: Server, scenario: str, status: str) -> None:
    """Stopping a job that has ended is refused with its status, as for SageMaker's other jobs, and changes nothing."""
    name = f"{scenario}-then-stop"
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_auto_ml_job_v2(**text_generation(name))
    before = own_server.wait(name, status)
    with pytest.raises(ClientError, match=f"because the AutoML job is in status {status}") as caught:
        sagemaker.stop_auto_ml_job(AutoMLJobName=name)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    after = own_server.describe(name)
    assert {**before, "ResponseMetadata": None} == {**after, "ResponseMetadata": None}


def test_a_name_is_found_in_whatever_case(own_server: Server, hold: Callable[..., str]) -> None:
    """Names are case-insensitive."""
    hold("hold-Case")
    own_server.client("sagemaker").stop_auto_ml_job(AutoMLJobName="HOLD-cASE")
    own_server.wait("hold-Case", "Stopped")
