"""Workers that hang, eat, shout or chatter: each ends its own job only, with a reason that says why."""

import sys
import time
from collections.abc import Iterator

import pytest

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.conftest import STUB_WORKER, fill_bucket
from tests.support.requests import text_generation
from tests.support.server import Server


@pytest.fixture(scope="module", name="strict")
def _strict() -> Iterator[Server]:
    """A server with little patience, on which one job trains all the time."""
    settings = Settings(port=0, in_memory=True, workers=3, worker_silence=2, worker_memory=150)
    with Emulator(settings, FreshExecutor([sys.executable, str(STUB_WORKER)])) as emulator:
        server = Server(emulator.url)
        fill_bucket(server)
        create(server, "hold-beside")
        server.wait("hold-beside", "TrainingModels")
        yield server
        assert server.describe("hold-beside")["AutoMLJobSecondaryStatus"] == "TrainingModels"


def create(server: Server, name: str) -> None:
    """Create a job that plays the scenario of its name."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name))


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("mute", "AlgorithmError: The training process gave no sign of life for 2 seconds and was ended."),
        ("frozen", "AlgorithmError: The training process gave no sign of life for 2 seconds and was ended."),
        ("hungry", "AlgorithmError: Out of memory: the training process took more than 150 MiB and was ended."),
        ("loud", "AlgorithmError: The training process wrote more than 64 MiB of log and was ended."),
    ],
)
def test_worker_without_bounds_is_ended(strict: Server, scenario: str, words: str) -> None:
    """A worker that is silent, stopped (SIGSTOP), too large or too loud is killed, and the reason names the cause."""
    create(strict, f"{scenario}-1")
    job = strict.wait(f"{scenario}-1", "Failed", seconds=30)
    assert words in job["FailureReason"]
    assert f":training-job/{scenario}-1" in job["FailureReason"]
    assert len(job["FailureReason"]) <= 1024
    assert "BestCandidate" not in job
    create(strict, f"done-after-{scenario}")
    strict.wait(f"done-after-{scenario}", "Completed", seconds=20)


def test_stopped_process_is_stopped(strict: Server) -> None:
    """StopAutoMLJob ends a worker that the system has stopped, and that cannot act on SIGTERM."""
    create(strict, "frozen-stop")
    strict.wait("frozen-stop", "TrainingModels")
    strict.client("sagemaker").stop_auto_ml_job(AutoMLJobName="frozen-stop")
    job = strict.wait("frozen-stop", "Stopped", seconds=20)
    assert "FailureReason" not in job


def test_chatter_does_not_keep_the_server_busy(strict: Server) -> None:
    """A worker that sends events without end is made to wait, and its job can be described and stopped."""
    create(strict, "chatter-1")
    strict.wait("chatter-1", "TrainingModels")
    time.sleep(0.5)
    create(strict, "done-beside-chatter")
    strict.wait("done-beside-chatter", "Completed", seconds=20)
    strict.client("sagemaker").stop_auto_ml_job(AutoMLJobName="chatter-1")
    strict.wait("chatter-1", "Stopped", seconds=20)


@pytest.mark.parametrize("scenario", ["starting", "analyzing", "hold"])
def test_job_is_stopped_wherever_it_stands(strict: Server, scenario: str) -> None:
    """A job is stopped while its worker starts, reads data, or trains, and has neither candidate nor reason."""
    status = {"starting": "Starting", "analyzing": "AnalyzingData", "hold": "TrainingModels"}[scenario]
    create(strict, f"{scenario}-anywhere")
    strict.wait(f"{scenario}-anywhere", status)
    time.sleep(0.3)  # a job that starts has no worker yet when it says so first
    strict.client("sagemaker").stop_auto_ml_job(AutoMLJobName=f"{scenario}-anywhere")
    job = strict.wait(f"{scenario}-anywhere", "Stopped", seconds=20)
    assert job["EndTime"] == job["LastModifiedTime"] >= job["CreationTime"]
    assert not {"BestCandidate", "FailureReason"} & job.keys()
    assert ("ResolvedAttributes" in job) == (scenario == "hold")


def test_stop_that_races_the_end(strict: Server) -> None:
    """Of a stop and a completion one wins, and the record is that of the winner, whole."""
    for number in range(8):
        name = f"brief-race-{number}"
        create(strict, name)
        strict.wait(name, "TrainingModels", "Completed")
        time.sleep(0.08 * number)
        strict.post("StopAutoMLJob", {"AutoMLJobName": name})
        job = strict.wait(name, seconds=20)
        assert job["AutoMLJobStatus"] in {"Completed", "Stopped"}
        assert ("BestCandidate" in job) == (job["AutoMLJobStatus"] == "Completed")
        assert job["AutoMLJobStatus"] == job["AutoMLJobSecondaryStatus"]
