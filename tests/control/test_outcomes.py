"""Outcomes that a test commands: what jobs come to, without training where none is needed."""

import sys
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator import errors
from emulator.executors import FreshExecutor
from emulator.jobs.players import MOST_AT_ONCE
from emulator.jobs.record import TRANSITIONS, SecondaryStatus
from emulator.serving import Emulator
from emulator.settings import Settings
from emulator.testing import ControlRefused, RunningEmulator
from tests.conftest import STUB_WORKER
from tests.support.golden import filled, requests_by_name
from tests.support.requests import BUCKET, text_generation, with_value

TAG = "automl-emulator:outcome"


def create(emulator: RunningEmulator, name: str, tag: str | None = None, **config: Any) -> None:
    """Create a job, with a tag for its outcome if there is one."""
    tags = {} if tag is None else {"Tags": [{"Key": TAG, "Value": tag}]}
    emulator.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, **config), **tags)


def walk(emulator: RunningEmulator, name: str) -> list[str]:
    """The secondary statuses that a job went through."""
    return ["Starting", *(status for status, _ in emulator.job(name)["walk"])]


@pytest.mark.parametrize("stage", ["Starting", "AnalyzingData", "TrainingModels"])
def test_job_fails_at_its_stage_with_its_reason(emulator: RunningEmulator, stage: Any) -> None:
    """FailureReason is the test's own to the letter; ResolvedAttributes are there from training on, as ever."""
    emulator.outcomes.fail("flaky-*", stage=stage, reason="ClientError: out of luck")
    create(emulator, "flaky-1")
    job = emulator.wait("flaky-1", 20)
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == "ClientError: out of luck"
    assert walk(emulator, "flaky-1")[-2:] == [stage, "Failed"]
    assert ("ResolvedAttributes" in job) == (stage == "TrainingModels")
    assert "BestCandidate" not in job


def test_failure_without_a_reason_says_that_it_was_commanded(emulator: RunningEmulator) -> None:
    """Nobody takes a commanded failure for one of the emulator."""
    create(emulator, "failing", "fail")
    reason = emulator.wait("failing", 20)["FailureReason"]
    assert reason == str(errors.failure_without_reason("TrainingModels"))
    assert "was commanded" in reason


def test_job_is_stopped_as_by_hand(emulator: RunningEmulator) -> None:
    """A job that is to be stopped goes through Stopping to Stopped, and has no candidate."""
    emulator.outcomes.stop(stage="TrainingModels")
    create(emulator, "stopped")
    job = emulator.wait("stopped", 20)
    assert job["AutoMLJobStatus"] == "Stopped"
    assert "BestCandidate" not in job
    assert walk(emulator, "stopped") == ["Starting", "AnalyzingData", "TrainingModels", "Stopping", "Stopped"]


def test_job_reaches_its_longest_runtime(emulator: RunningEmulator) -> None:
    """MaxAutoMLJobRuntimeReached without a candidate, since nothing was trained and nothing is invented."""
    emulator.outcomes.reach_max_runtime("long-*")
    create(emulator, "long-1")
    job = emulator.wait("long-1", 20)
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Completed", "MaxAutoMLJobRuntimeReached")
    assert "BestCandidate" not in job


OTHERS = ("Tabular", "TextClassification", "ImageClassification", "TimeSeriesForecasting")


@pytest.mark.parametrize(
    ("tag", "status"),
    [("fail:AnalyzingData:said so", "Failed"), ("stop", "Stopped"), ("max-runtime", "MaxAutoMLJobRuntimeReached")],
)
@pytest.mark.parametrize("problem_type", OTHERS)
def test_jobs_of_other_problem_types_end_as_commanded(
    emulator: RunningEmulator, names: dict[str, str], problem_type: str, tag: str, status: str
) -> None:
    """What needs no training comes for all five problem types, by the statuses that it always has."""
    request = filled(requests_by_name()[problem_type]["request"], names) | {"AutoMLJobName": "other"}
    request["Tags"] = [{"Key": TAG, "Value": tag}]
    emulator.client("sagemaker").create_auto_ml_job_v2(**request)
    job = emulator.wait("other", 20)
    assert (job["AutoMLProblemTypeConfigName"], job["AutoMLJobSecondaryStatus"]) == (problem_type, status)
    assert job.get("FailureReason") == ("said so" if status == "Failed" else None)
    stages = ["Starting", "AnalyzingData"] + ["TrainingModels"] * (status != "Failed")
    assert walk(emulator, "other") == [*stages, *(["Stopping"] if status == "Stopped" else []), status]


@pytest.mark.parametrize("tag", ["replay:tiny-decoder", "slow:0.01", "deploy-fail"])
@pytest.mark.parametrize("problem_type", OTHERS)
def test_jobs_of_other_problem_types_are_not_trained_on_command(
    emulator: RunningEmulator, names: dict[str, str], problem_type: str, tag: str
) -> None:
    """A candidate of theirs would be invented, so what would have one fails as it does without a command."""
    request = filled(requests_by_name()[problem_type]["request"], names) | {"AutoMLJobName": "other"}
    request["Tags"] = [{"Key": TAG, "Value": tag}]
    emulator.client("sagemaker").create_auto_ml_job_v2(**request)
    assert f"does not train {problem_type} jobs" in emulator.wait("other", 20)["FailureReason"]


@pytest.mark.parametrize("tag", ["fail", "fail:Starting", "stop:AnalyzingData", "max-runtime", "stop", "slow:0.01"])
def test_every_walk_is_a_legal_one(emulator: RunningEmulator, tag: str) -> None:
    """A commanded job goes through the statuses that any job may go through."""
    create(emulator, "done-walk", tag)
    emulator.wait("done-walk", 20)
    statuses = [SecondaryStatus(status) for status in walk(emulator, "done-walk")]
    assert all(following in TRANSITIONS[status] for status, following in pairwise(statuses))


def test_slow_job_is_run_for_real_and_stays_in_every_stage(emulator: RunningEmulator) -> None:
    """A job that takes at least so long is run by a worker, whose result counts."""
    emulator.outcomes.slow("done-*", seconds_per_stage=0.3)
    create(emulator, "done-slow")
    job = emulator.wait("done-slow", 20)
    assert job["AutoMLJobStatus"] == "Completed"
    entered = [0, *(seconds for _, seconds in emulator.job("done-slow")["walk"])]
    assert all(later - earlier >= 0.29 for earlier, later in pairwise(entered))


def test_held_job_is_not_taken_for_a_silent_one() -> None:
    """A stage may last longer than --worker-silence allows a worker to say nothing."""
    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    settings = Settings(port=0, in_memory=True, worker_silence=1)
    with Emulator(settings, executor) as running:
        emulator = RunningEmulator(running.url)
        emulator.client("s3").create_bucket(Bucket=BUCKET)
        emulator.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        create(emulator, "done-held", "slow:1.5")
        assert emulator.wait("done-held", 20)["AutoMLJobStatus"] == "Completed"
        emulator.close()


def test_jobs_that_are_not_trained_take_no_place_of_those_that_are() -> None:
    """With one worker, which trains, commanded and replayed jobs run beside, however slow some are; others wait."""
    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, in_memory=True, workers=1), executor) as running:
        emulator = RunningEmulator(running.url)
        emulator.client("s3").create_bucket(Bucket=BUCKET)
        emulator.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        create(emulator, "hold-worker")
        create(emulator, "done-next")
        emulator.outcomes.fail("slow-*", seconds_per_stage=600)
        for number in range(6):
            create(emulator, f"slow-{number}")
        create(emulator, "failing", "fail")
        create(emulator, "replayed", "replay:tiny-decoder")
        assert emulator.wait("failing", 20)["AutoMLJobStatus"] == "Failed"
        assert emulator.wait("replayed", 20)["AutoMLJobStatus"] == "Completed"
        assert walk(emulator, "done-next") == ["Starting"]
        emulator.client("sagemaker").stop_auto_ml_job(AutoMLJobName="hold-worker")
        assert emulator.wait("done-next", 20)["AutoMLJobStatus"] == "Completed"
        emulator.close()


def test_any_number_of_slow_jobs_comes_to_its_end(emulator: RunningEmulator) -> None:
    """More jobs than play at once wait for each other, and none is lost."""
    emulator.outcomes.fail(seconds_per_stage=0.2)
    names = [f"many-{number}" for number in range(MOST_AT_ONCE + 8)]
    for name in names:
        create(emulator, name)
    assert {emulator.wait(name, 60)["AutoMLJobStatus"] for name in names} == {"Failed"}


def test_without_workers_commanded_jobs_wait_too() -> None:
    """`workers=0` leaves all jobs waiting, whatever they are to come to."""
    with Emulator(Settings(port=0, in_memory=True, workers=0), FreshExecutor([])) as running:
        emulator = RunningEmulator(running.url)
        emulator.client("s3").create_bucket(Bucket=BUCKET)
        emulator.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        create(emulator, "failing", "fail")
        with pytest.raises(TimeoutError, match="is still Starting"):
            emulator.wait("failing", 0.5)
        emulator.close()


def test_slow_job_can_be_stopped(emulator: RunningEmulator) -> None:
    """A job that is held in a stage stops at once when it is asked to, and what it would have come to is forgotten."""
    create(emulator, "done-stop", "slow:600")
    emulator.client("sagemaker").stop_auto_ml_job(AutoMLJobName="done-stop")
    job = emulator.wait("done-stop", 10)
    assert job["AutoMLJobStatus"] == "Stopped"
    assert "BestCandidate" not in job


def test_slow_job_reaches_its_limit(emulator: RunningEmulator) -> None:
    """MaxAutoMLJobRuntimeInSeconds counts for a job that is held back, as for any other."""
    create(emulator, "done-limit", "slow:600", CompletionCriteria={"MaxAutoMLJobRuntimeInSeconds": 1})
    assert emulator.wait("done-limit", 20)["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"


def test_rule_is_for_so_many_jobs(emulator: RunningEmulator) -> None:
    """`times=1` is for the next job that is created; a create that is refused does not count."""
    emulator.outcomes.fail(times=1, reason="the first")
    emulator.outcomes.fail(times=1, reason="the second")
    with pytest.raises(ClientError):
        create(emulator, "refused", BaseModelName="none")
    for name, reason in (("one", "the first"), ("two", "the second")):
        create(emulator, name)
        assert emulator.wait(name, 20)["FailureReason"] == reason
    create(emulator, "done-three")
    assert emulator.wait("done-three", 20)["AutoMLJobStatus"] == "Completed"
    assert [rule["used"] for rule in emulator.outcomes.list()] == [1, 1]


def test_name_in_use_does_not_use_up_a_rule(emulator: RunningEmulator) -> None:
    """A create that is refused at the very last leaves the rule for the next."""
    create(emulator, "done-1")
    emulator.outcomes.fail(times=1, reason="kept")
    with pytest.raises(ClientError, match="ResourceInUse"):
        create(emulator, "done-1")
    create(emulator, "done-2")
    assert emulator.wait("done-2", 20)["FailureReason"] == "kept"


def test_tag_comes_before_the_rules(emulator: RunningEmulator) -> None:
    """A job's own tag decides, whatever rules there are, and stays on the job as any tag."""
    emulator.outcomes.stop()
    create(emulator, "tagged", "fail:AnalyzingData:said the tag")
    assert emulator.wait("tagged", 20)["FailureReason"] == "said the tag"
    assert emulator.job("tagged")["outcome"] == {"end": "fail", "stage": "AnalyzingData", "reason": "said the tag"}


@pytest.mark.parametrize(
    "value", ["", "fly", "fail:Flying", "slow", "slow:x", "slow:nan", "slow:0", "slow:-1", "replay:no such"]
)
def test_tag_that_cannot_be_understood_is_refused(emulator: RunningEmulator, value: str) -> None:
    """A mistake in the tag is a ValidationException at once, and no job that does something else."""
    with pytest.raises(ClientError) as caught:
        create(emulator, "tagged", value)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith(f"The tag automl-emulator:outcome cannot be {value}: ")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        emulator.client("sagemaker").describe_auto_ml_job_v2(AutoMLJobName="tagged")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "an outcome needs an end, a replay, or seconds_per_stage above 0"),
        ({"seconds_per_stage": 0}, "an outcome needs"),
        ({"name": "x"}, "an outcome needs"),
        ({"end": "explode"}, "end: 'explode' is not one of"),
        ({"end": "stop", "reason": "x"}, "a reason is for the ends fail and deploy-fail alone"),
        ({"end": "deploy-fail", "stage": "Starting"}, "a stage is for the ends"),
        ({"end": "fail", "reason": "x" * 1025}, "is too long"),
        ({"end": "fail", "replay": "tiny-decoder"}, "a job that is replayed cannot be told to fail"),
        ({"replay": "no-such"}, "there is no recording 'no-such'"),
        ({"replay": "../requests/user_guide_csv"}, "there is no recording"),
        ({"seconds_per_stage": -1}, "seconds_per_stage: -1 is less than the minimum"),
        ({"end": "fail", "times": 0}, "times: 0 is less than the minimum"),
    ],
)
def test_bad_outcome_is_refused_with_a_reason(emulator: RunningEmulator, content: Any, words: str) -> None:
    """What cannot be an outcome sets nothing."""
    with pytest.raises(ControlRefused) as caught:
        emulator._pages.ask("POST", "/_emulator/outcomes", content)
    assert words in str(caught.value)
    assert emulator.outcomes.list() == []


def test_failed_deployment(emulator: RunningEmulator) -> None:
    """A job whose deployment is to fail keeps its candidate and names no endpoint."""
    emulator.outcomes.fail_deployment("done-*", reason="no instance left")
    request = with_value(text_generation("done-1"), "ModelDeployConfig", {"AutoGenerateEndpointName": True})
    emulator.client("sagemaker").create_auto_ml_job_v2(**request)
    job = emulator.wait("done-1", 20)
    assert job["AutoMLJobSecondaryStatus"] == "ModelDeploymentError"
    assert job["FailureReason"] == "no instance left"
    assert "BestCandidate" in job
    assert emulator.client("sagemaker").list_endpoints()["Endpoints"] == []
