"""A job that is being run: its worker, and why it was ended if we ended it."""

import signal
import threading
from enum import StrEnum

from emulator.executors import WorkerProcess, signal_group
from emulator.jobs.folders import RunFolder

GRACE_SECONDS = 5.0


class Cause(StrEnum):
    """Why the server ended a worker."""

    STOP = "stopped by request"
    DEADLINE = "MaxAutoMLJobRuntimeInSeconds reached"
    SHUTDOWN = "the server ended"
    SILENCE = "no sign of life"
    MEMORY = "too much memory"
    LOUDNESS = "too much log"
    RESET = "the server was reset"


_AT_ONCE = frozenset({Cause.SHUTDOWN, Cause.SILENCE, Cause.MEMORY, Cause.LOUDNESS, Cause.RESET})
"""Causes that leave a worker no time for an orderly end."""


class ActiveRun:
    """Ends a worker, even one that has not begun yet; the first cause stays."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._killer: threading.Timer | None = None
        self.cause: Cause | None = None
        self.heard = 0
        """How many events the worker has sent."""

    def begin(self, worker: WorkerProcess) -> None:
        """The worker has started; it is ended at once where that was asked for before."""
        with self._lock:
            self._worker = worker
            if self.cause is not None:
                self._terminate(worker)

    def end(self, cause: Cause) -> None:
        """Ask the worker to end, and kill it after a grace time where the cause allows for one."""
        with self._lock:
            if self.cause is None:
                self.cause = cause
                if self._worker is not None:
                    self._terminate(self._worker)
            elif cause in _AT_ONCE and self._worker is not None:
                signal_group(self._worker, signal.SIGKILL)

    def expect_end(self) -> None:
        """The worker has told its result: kill it should it not end within a grace time."""
        with self._lock:
            if self._worker is not None:
                self._kill_later(self._worker)

    def over(self) -> None:
        """The worker is gone."""
        with self._lock:
            self._worker = None
            if self._killer is not None:
                self._killer.cancel()

    def _terminate(self, worker: WorkerProcess) -> None:
        if self.cause in _AT_ONCE:
            signal_group(worker, signal.SIGKILL)
            return
        signal_group(worker, signal.SIGTERM)
        self._kill_later(worker)

    def _kill_later(self, worker: WorkerProcess) -> None:
        if self._killer is not None:  # one is enough, and `over` cancels one
            return
        self._killer = threading.Timer(GRACE_SECONDS, signal_group, (worker, signal.SIGKILL))
        self._killer.daemon = True
        self._killer.start()
