"""Where a worker runs: what the runner may ask of any such place."""

import os
import signal
from typing import BinaryIO, Protocol

from emulator.executors.forked import ForkedExecutor
from emulator.executors.fresh import FreshExecutor

__all__ = ["Executor", "ForkedExecutor", "FreshExecutor", "WorkerProcess", "make_executor"]


class WorkerProcess(Protocol):
    """A started worker: the leader of a process group of its own, or a thread of the server (scripted.py)."""

    pid: int
    events: BinaryIO
    """The worker's events, a JSON line each; ends when the worker does."""

    def signal(self, number: int) -> None:
        """Send a signal to the worker and to whatever it started; nothing happens where it is gone."""

    def wait(self) -> int | None:
        """The exit code, negative for a signal; None where nobody knows it any more."""


class Executor(Protocol):
    """Starts workers."""

    def boot(self) -> None:
        """Prepare for the first worker; returns at once."""

    def start(self, order_file: str, log_file: str) -> WorkerProcess:
        """Run the order in a new process; its output goes to the log. Raises JobFailure where none can start."""

    def device(self) -> str | None:
        """Where training runs (cpu or cuda), once that is known."""

    def close(self) -> None:
        """End everything that was started, whatever state it is in; nothing starts any more."""


def make_executor(worker_start: str) -> Executor:
    """The executor for a value of the setting `worker_start`."""
    forks = worker_start == "fork" or (worker_start == "auto" and os.uname().sysname == "Linux")
    return ForkedExecutor() if forks else FreshExecutor()


def signal_group(worker: WorkerProcess, number: signal.Signals) -> None:
    """Send a signal to a worker and to whatever it started."""
    worker.signal(number)
