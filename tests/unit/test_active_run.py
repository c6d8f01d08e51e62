"""How a run's worker is ended, whatever comes at the same time."""

import io
import signal
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from emulator.jobs import active
from emulator.jobs.active import ActiveRun, Cause
from emulator.jobs.folders import RunFolder


class Worker:
    """A worker that remembers its signals. Satisfies executors.WorkerProcess."""

    pid = 1
    events: BinaryIO = io.BytesIO()

    def __init__(self) -> None:
        self.signals: list[int] = []

    def signal(self, number: int) -> None:
        """Remember it."""
        self.signals.append(number)

    def wait(self) -> int:
        """A good end."""
        return 0


def test_no_signal_follows_the_end_of_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop that comes when the worker has told its result leaves nothing that signals a process group later."""
    monkeypatch.setattr(active, "GRACE_SECONDS", 0.05)
    worker, run = Worker(), ActiveRun(RunFolder(Path("/nowhere")))
    run.begin(worker)
    run.expect_end()
    run.end(Cause.STOP)
    run.over()
    time.sleep(0.2)
    assert worker.signals == [signal.SIGTERM]
