"""Times that make sense, whatever becomes of the machine's clock, and limits that its clock does not move."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.conftest import STUB_WORKER, fill_bucket
from tests.support.requests import text_generation
from tests.support.server import Server

DAY = 86_400.0


class WallClock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Epoch seconds, as this machine believes."""
        return round(time.time() + self.ahead, 3)


@pytest.fixture(name="wall_clock")
def _wall_clock() -> WallClock:
    return WallClock()


@pytest.fixture(name="odd")
def _odd(wall_clock: WallClock) -> Iterator[Server]:
    """A server with one worker, whose clock the test sets."""
    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, in_memory=True, workers=1), executor, clock=wall_clock) as emulator:
        server = Server(emulator.url)
        fill_bucket(server)
        yield server


def create(server: Server, name: str, seconds: int = 3600) -> None:
    """Create a job that may take so long."""
    criteria = {"MaxAutoMLJobRuntimeInSeconds": seconds}
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, CompletionCriteria=criteria))


def times(job: dict[str, Any]) -> list[datetime]:
    """The times of a description, in the order in which they should be."""
    return [job[member] for member in ("CreationTime", "EndTime", "LastModifiedTime") if member in job]


def test_clock_set_back_turns_no_time_around(odd: Server, wall_clock: WallClock) -> None:
    """With the clock set back by a day, nothing is modified or ended before it was created."""
    create(odd, "hold-back")
    odd.wait("hold-back", "TrainingModels")
    modified = odd.describe("hold-back")["LastModifiedTime"]
    wall_clock.ahead = -DAY
    odd.client("sagemaker").stop_auto_ml_job(AutoMLJobName="hold-back")
    job = odd.wait("hold-back", "Stopped")
    assert job["LastModifiedTime"] >= modified
    assert times(job) == sorted(times(job))
    wall_clock.ahead = 0.0
    create(odd, "talk-back")
    odd.wait("talk-back", "TrainingModels")
    wall_clock.ahead = -DAY
    create(odd, "done-back")
    odd.client("sagemaker").stop_auto_ml_job(AutoMLJobName="talk-back")
    job = odd.wait("done-back", "Completed")
    assert times(job) == sorted(times(job))
    assert job["BestCandidate"]["EndTime"] >= job["BestCandidate"]["CreationTime"]


def test_clock_set_forward_ends_no_job(odd: Server, wall_clock: WallClock) -> None:
    """A clock that jumps over a job's longest runtime ends neither the job that trains nor the one that waits."""
    create(odd, "hold-forward")
    create(odd, "done-forward")
    odd.wait("hold-forward", "TrainingModels")
    wall_clock.ahead = DAY
    time.sleep(2.5)  # two looks at the queue, ten at the worker
    assert odd.describe("hold-forward")["AutoMLJobSecondaryStatus"] == "TrainingModels"
    assert odd.describe("done-forward")["AutoMLJobSecondaryStatus"] == "Starting"
    odd.client("sagemaker").stop_auto_ml_job(AutoMLJobName="hold-forward")
    assert odd.wait("done-forward", "Completed")["AutoMLJobSecondaryStatus"] == "Completed"


def test_waiting_job_reaches_its_limit(odd: Server) -> None:
    """MaxAutoMLJobRuntimeInSeconds counts from the job's creation, in the queue too."""
    create(odd, "hold-long")
    create(odd, "done-waiting", seconds=1)
    job = odd.wait("done-waiting", "Completed", seconds=20)
    assert job["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
    assert "BestCandidate" not in job
    assert odd.describe("hold-long")["AutoMLJobStatus"] == "InProgress"
