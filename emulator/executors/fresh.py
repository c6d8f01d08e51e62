"""Workers as new processes: slower to begin than forked ones, and possible on every system."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import BinaryIO

from emulator import errors
from emulator.executors.environment import training_environment
from emulator.executors.process_group import signal_process_group

REAP_SECONDS = 5.0
WORKER = (sys.executable, "-m", "emulator.worker", "run")


class FreshWorker:
    """A worker started as a program."""

    def __init__(self, process: subprocess.Popen[bytes], events: BinaryIO) -> None:
        self.pid = process.pid
        self.events = events
        self._process = process

    def signal(self, number: int) -> None:
        """Send a signal to the worker and to whatever it started."""
        signal_process_group(self.pid, number)

    def wait(self) -> int | None:
        """The exit code, negative for a signal; a worker that closed its events and lingers is killed."""
        try:
            return self._process.wait(REAP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            return self._process.wait()


class FreshExecutor:
    """Starts a program for each job, with the arguments ORDER_FILE EVENTS_FD LEASH_FD."""

    def __init__(self, program: Sequence[str] = WORKER) -> None:
        self._program = program
        self._leash, self._leash_end = os.pipe()
        self._lock = threading.Lock()
        self._closed = False

    def boot(self) -> None:
        """Nothing is prepared."""

    def device(self) -> str | None:
        """Known only inside each worker."""
        return None

    def start(self, order_file: str, log_file: str) -> FreshWorker:
        """Run the order in a new process. Raises JobFailure where training cannot run on this machine."""
        with self._lock:  # else the leash of a closed executor could be any other file by now
            if self._closed:
                raise errors.worker_lost("the server ends", "none")
            return self._started(order_file, log_file)

    def _started(self, order_file: str, log_file: str) -> FreshWorker:
        if self._program is WORKER and find_spec("torch") is None:  # else it would end with a traceback
            raise errors.training_unavailable("No module named 'torch'")
        events, events_end = os.pipe()
        command = [*self._program, order_file, str(events_end), str(self._leash)]
        try:
            with open(log_file, "ab") as log:
                process = subprocess.Popen(  # noqa: S603 - our own program
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(events_end, self._leash),
                    env=training_environment(),
                    start_new_session=True,
                )
        except OSError:  # too many processes or files, or no room for the log
            os.close(events)
            raise
        finally:
            os.close(events_end)
        return FreshWorker(process, os.fdopen(events, "rb"))

    def close(self) -> None:
        """Let go of the leash, which ends every worker."""
        with self._lock:
            self._closed = True
            os.close(self._leash_end)
            os.close(self._leash)
