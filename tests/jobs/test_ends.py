"""What each end of a worker means for its job. The workers are real processes that play a scenario."""

import pytest

from tests.support.requests import channel, text_generation, with_value
from tests.support.server import Server


def create(server: Server, name: str, request: dict[str, object] | None = None) -> None:
    """Create a job that plays the scenario of its name."""
    server.client("sagemaker").create_auto_ml_job_v2(**(request or text_generation(name)))


def test_finished_worker_completes_its_job(server: Server) -> None:
    """A worker that reports a result and exits well completes its job, with the reported metrics."""
    create(server, "done-1")
    job = server.wait("done-1", "Completed")
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert {metric["StandardMetricName"]: metric["Value"] for metric in metrics}["TrainingLoss"] == 6.0


def test_refusing_worker_fails_its_job_with_its_reason(server: Server) -> None:
    """A worker's own reason becomes the FailureReason, in AWS's form with the training job's ARN."""
    create(server, "refuse-1")
    job = server.wait("refuse-1", "Failed")
    assert job["FailureReason"].startswith("Could not complete the training job. The AutoML Job cannot continue. ")
    assert ":training-job/refuse-1" in job["FailureReason"]
    assert job["FailureReason"].endswith("Error message: ClientError: the data are bad")
    assert "ResolvedAttributes" not in job
    assert job["EndTime"] >= job["CreationTime"]


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("crash", "exit status -9"),
        ("silent", "exit status 0"),
        ("garbage", "unreadable: this is no event"),
        ("flood", "unreadable: xxx"),
    ],
)
def test_incoherent_worker_fails_its_job(server: Server, scenario: str, words: str) -> None:
    """A worker that is killed, says nothing, or says what is no event, fails its job with a reason that tells so."""
    create(server, f"{scenario}-1")
    job = server.wait(f"{scenario}-1", "Failed", seconds=20)
    assert words in job["FailureReason"]
    assert len(job["FailureReason"]) <= 1024
    assert job["AutoMLJobSecondaryStatus"] == "Failed"
    assert "BestCandidate" not in job


def test_killed_worker_leaves_its_last_words(server: Server) -> None:
    """The last line that a lost worker printed is part of the reason."""
    create(server, "crash-words")
    assert "about to crash" in server.wait("crash-words", "Failed")["FailureReason"]


def test_first_end_stays(server: Server) -> None:
    """News that comes after a worker's result changes nothing."""
    create(server, "late-1")
    assert server.wait("late-1", "Completed")["AutoMLJobSecondaryStatus"] == "Completed"


def test_training_job_is_stopped(server: Server) -> None:
    """A running job goes to Stopping, its worker ends, and the job is Stopped, with an EndTime and no candidate."""
    create(server, "hold-stop")
    server.wait("hold-stop", "TrainingModels")
    server.client("sagemaker").stop_auto_ml_job(AutoMLJobName="hold-stop")
    job = server.wait("hold-stop", "Stopped", seconds=10)
    assert job["AutoMLJobSecondaryStatus"] == "Stopped"
    assert "EndTime" in job
    assert "FailureReason" not in job


def test_deaf_worker_is_killed(server: Server) -> None:
    """A worker that takes no notice of SIGTERM is Stopping for a grace time, and then gone."""
    create(server, "deaf-1")
    server.wait("deaf-1", "TrainingModels")
    server.client("sagemaker").stop_auto_ml_job(AutoMLJobName="deaf-1")
    assert server.describe("deaf-1")["AutoMLJobStatus"] == "Stopping"
    server.wait("deaf-1", "Stopped", seconds=20)


def test_runtime_limit_ends_a_job(server: Server) -> None:
    """A job that reaches MaxAutoMLJobRuntimeInSeconds is Completed as MaxAutoMLJobRuntimeReached, without candidate."""
    request = text_generation("hold-limit", CompletionCriteria={"MaxAutoMLJobRuntimeInSeconds": 1})
    create(server, "hold-limit", request)
    job = server.wait("hold-limit", "Completed", seconds=20)
    assert job["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
    assert "BestCandidate" not in job
    assert job["ResolvedAttributes"]["CompletionCriteria"] == {"MaxAutoMLJobRuntimeInSeconds": 1}


def test_runtime_limit_keeps_the_best_so_far(server: Server) -> None:
    """A worker that stopped in time for the job's limit leaves a candidate, and nothing is deployed (documented)."""
    request = with_value(text_generation("reached-1"), "ModelDeployConfig", {"AutoGenerateEndpointName": True})
    create(server, "reached-1", request)
    job = server.wait("reached-1", "Completed")
    assert job["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
    assert "BestCandidate" in job


def test_worker_without_time_for_a_candidate_ends_its_job(server: Server) -> None:
    """A worker that finds no time to train ends its job as the limit itself would."""
    create(server, "expired-1")
    job = server.wait("expired-1", "Completed")
    assert job["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
    assert "BestCandidate" not in job


def test_job_that_asks_for_an_endpoint_gets_one(server: Server) -> None:
    """A job with ModelDeployConfig ends Completed, and names an endpoint that is in service."""
    request = with_value(text_generation("done-deploy"), "ModelDeployConfig", {"AutoGenerateEndpointName": True})
    create(server, "done-deploy", request)
    job = server.wait("done-deploy", "Completed")
    assert job["AutoMLJobSecondaryStatus"] == "Completed"
    name = job["ModelDeployResult"]["EndpointName"]
    assert server.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"


def test_deployment_is_told_as_failed(server: Server) -> None:
    """A job whose endpoint cannot be made ends with ModelDeploymentError, its candidate, and no EndpointName."""
    for name in ("done-same", "done-same-again"):
        config = {"AutoGenerateEndpointName": False, "EndpointName": "one-name-for-two"}
        create(server, name, with_value(text_generation(name), "ModelDeployConfig", config))
        job = server.wait(name, "Completed")
    assert job["AutoMLJobSecondaryStatus"] == "ModelDeploymentError"
    assert job["ModelDeployResult"] == {}
    assert "one-name-for-two" in job["FailureReason"]
    assert "BestCandidate" in job


def test_other_problem_types_fail_with_a_reason(server: Server) -> None:
    """A valid job of a problem type that is not trained yet fails, and says so."""
    config = {"TextClassificationJobConfig": {"ContentColumn": "input", "TargetLabelColumn": "output"}}
    request = with_value(text_generation("classify", channel("input/facts.csv")), "AutoMLProblemTypeConfig", config)
    create(server, "classify", request)
    job = server.wait("classify", "Failed", seconds=10)
    assert job["FailureReason"] == "The emulator does not train TextClassification jobs; it trains TextGeneration jobs."
    assert job["AutoMLProblemTypeConfig"] == config


def test_jobs_wait_their_turn_and_stop_in_the_queue(server: Server) -> None:
    """With all workers busy a job waits as Starting, and can be stopped there without ever having run."""
    names = [f"hold-queue-{number}" for number in range(5)]
    for name in names:
        create(server, name)
    server.wait(names[0], "TrainingModels")
    sagemaker = server.client("sagemaker")
    assert server.describe(names[-1])["AutoMLJobSecondaryStatus"] == "Starting"
    sagemaker.stop_auto_ml_job(AutoMLJobName=names[-1])
    job = server.describe(names[-1])
    assert job["AutoMLJobStatus"] == "Stopped"
    assert "ResolvedAttributes" not in job
    for name in names[:-1]:
        sagemaker.stop_auto_ml_job(AutoMLJobName=name)
    for name in names:
        server.wait(name, "Stopped", seconds=20)
