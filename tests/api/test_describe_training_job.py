"""DescribeTrainingJob of a candidate's step."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.support.requests import ROLE, text_generation, training_job
from tests.support.schemas import check_response
from tests.support.server import Server


def test_the_step_of_a_candidate_is_a_training_job(own_server: Server) -> None:
    """What the SDK's get_steps asks for: the step's name leads to the job's input, output, artifact and metrics."""
    own_server.client("sagemaker").create_auto_ml_job_v2(
        **text_generation("done-step", TextGenerationHyperParameters={"epochCount": "1"})
    )
    job = own_server.wait("done-step", "Completed")
    (step,) = job["BestCandidate"]["CandidateSteps"]
    answer = own_server.post("DescribeTrainingJob", {"TrainingJobName": step["CandidateStepName"]}).json()
    check_response("DescribeTrainingJob", answer)
    assert answer["TrainingJobArn"] == step["CandidateStepArn"]
    assert answer["AutoMLJobArn"] == job["AutoMLJobArn"]
    assert (answer["TrainingJobStatus"], answer["SecondaryStatus"]) == ("Completed", "Completed")
    assert answer["CreationTime"] <= answer["TrainingStartTime"] <= answer["TrainingEndTime"]
    assert answer["RoleArn"] == ROLE
    assert answer["HyperParameters"] == {"epochCount": "1"}
    (channel,) = answer["InputDataConfig"]
    assert channel["ChannelName"] == "training"
    assert channel["DataSource"] == job["AutoMLJobInputDataConfig"][0]["DataSource"]
    assert answer["StoppingCondition"] == {"MaxRuntimeInSeconds": 259200}
    metrics = {metric["MetricName"]: metric["Value"] for metric in answer["FinalMetricDataList"]}
    told = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert metrics == {metric["StandardMetricName"]: metric["Value"] for metric in told}


def test_a_job_that_trains_shows_its_training_job(own_server: Server, hold: Callable[..., str]) -> None:
    """In progress with a candidate's name that is known, stopped with its AutoML job."""
    arn = hold("training-step")
    tags = own_server.client("sagemaker")
    name = _training_job_of(own_server, "training-step")
    answer = own_server.post("DescribeTrainingJob", {"TrainingJobName": name}).json()
    check_response("DescribeTrainingJob", answer)
    assert (answer["TrainingJobStatus"], answer["AutoMLJobArn"]) == ("InProgress", arn)
    tags.stop_auto_ml_job(AutoMLJobName="training-step")
    own_server.wait("training-step", "Stopped")
    assert own_server.post("DescribeTrainingJob", {"TrainingJobName": name}).json()["TrainingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("job", "secondary"), [("cut-step", "Completed"), ("reached-step", "MaxAutoMLJobRuntimeReached")]
)
def test_a_training_that_a_limit_ended_is_stopped(own_server: Server, job: str, secondary: str) -> None:
    """Its candidate is whole and its AutoML job Completed; its training job shows MaxRuntimeExceeded (documented)."""
    own_server.client("sagemaker").create_auto_ml_job_v2(**text_generation(job))
    described = own_server.wait(job, "Completed")
    assert described["AutoMLJobSecondaryStatus"] == secondary
    (step,) = described["BestCandidate"]["CandidateSteps"]
    answer = own_server.post("DescribeTrainingJob", {"TrainingJobName": step["CandidateStepName"]}).json()
    assert (answer["TrainingJobStatus"], answer["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert len(answer["FinalMetricDataList"]) == 7


def test_training_jobs_of_moto_stay_motos(own_server: Server) -> None:
    """What CreateTrainingJob made is described by whoever made it, and so are its tags."""
    sagemaker = own_server.client("sagemaker")
    arn = sagemaker.create_training_job(
        **training_job("made-by-moto"),
        Tags=[{"Key": "team", "Value": "green"}],
    )["TrainingJobArn"]
    assert sagemaker.describe_training_job(TrainingJobName="made-by-moto")["TrainingJobArn"] == arn
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "green"}]
    with pytest.raises(ClientError, match=r"Requested resource not found\."):
        sagemaker.describe_training_job(TrainingJobName="made-by-no-one")


def _training_job_of(server: Server, job: str) -> str:
    """The candidate's name, as the stub worker was told it."""
    from emulator.jobs.orders import candidate_name
    from emulator.jobs.record import AutoMLJob

    described = server.post("DescribeAutoMLJobV2", {"AutoMLJobName": job}).json()
    made = described["CreationTime"]
    return candidate_name(AutoMLJob(server.region, "123456789012", job, {}, made, made))
