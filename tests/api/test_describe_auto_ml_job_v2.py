"""DescribeAutoMLJobV2: what the record of a job looks like from outside."""

from tests.support.requests import text_generation, user_guide
from tests.support.schemas import check_response
from tests.support.server import Server


def test_running_job_echoes_its_request_without_defaults(server: Server) -> None:
    """While it runs, a job shows its request as it came, and no EndTime and no BestCandidate."""
    request = user_guide("hold-echo")
    arn = server.client("sagemaker").create_auto_ml_job_v2(**request)["AutoMLJobArn"]
    server.wait("hold-echo", "TrainingModels")
    job = server.post("DescribeAutoMLJobV2", {"AutoMLJobName": "hold-echo"}).json()
    check_response("DescribeAutoMLJobV2", job)
    assert job["AutoMLJobArn"] == arn == "arn:aws:sagemaker:us-east-1:123456789012:automl-job/hold-echo"
    assert {member: job[member] for member in request} == request
    assert not {"EndTime", "BestCandidate", "FailureReason", "DataSplitConfig", "Tags"} & job.keys()


def test_completed_job_has_its_candidate(server: Server) -> None:
    """A completed job has EndTime, ResolvedAttributes with AWS's default model, and one candidate of one step."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-candidate"))
    server.wait("done-candidate", "Completed")
    job = server.post("DescribeAutoMLJobV2", {"AutoMLJobName": "done-candidate"}).json()
    check_response("DescribeAutoMLJobV2", job)
    assert job["CreationTime"] <= job["LastModifiedTime"] == job["EndTime"]
    resolved = job["ResolvedAttributes"]["AutoMLProblemTypeResolvedAttributes"]["TextGenerationResolvedAttributes"]
    assert resolved == {"BaseModelName": "Falcon7BInstruct"}
    candidate = job["BestCandidate"]
    (step,) = candidate["CandidateSteps"]
    assert step["CandidateStepName"] == candidate["CandidateName"]
    assert step["CandidateStepArn"].endswith(f":training-job/{candidate['CandidateName']}")
