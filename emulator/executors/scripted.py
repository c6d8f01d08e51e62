"""A worker that is a thread of the server: it plays a script where nothing is to be computed."""

import json
import logging
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol

from emulator import errors
from emulator.problem_types import Progress

Script = Callable[["Actor"], int | None]
"""Plays a job; returns the exit code, None for a good one."""

NO_PROCESS = 2**30
"""A process id that Linux never gives: its largest is 2**22."""

WITHIN_A_STAGE = (b'{"event": "progress"', b'{"event": "alive"')
"""How those events begin that no stage ends with."""

logger = logging.getLogger(__name__)


class Signalled(Protocol):
    """A process that can be ended."""

    pid: int

    def signal(self, number: int) -> None:
        """Send it a signal."""


class SentAway(Exception):
    """The server has ended the worker."""


class Actor:
    """What a script may do. Satisfies problem_types.Report."""

    def __init__(self, descriptor: int, log_file: str, heartbeat: float) -> None:
        self._heartbeat = heartbeat or None
        self._stream = os.fdopen(descriptor, "wb", buffering=0)
        self._log_file = log_file
        self._sent_away = threading.Event()
        self.code = 0

    def send(self, event: str, content: dict[str, Any]) -> None:
        """Write one event."""
        self.write(json.dumps({"event": event} | content).encode() + b"\n")

    def write(self, line: bytes) -> None:
        """Write one event as it is."""
        if self._sent_away.is_set():
            raise SentAway
        self._stream.write(line)

    def status(self, secondary_status: str) -> None:
        """The job enters this AutoMLJobSecondaryStatus."""
        self.log(f"status {secondary_status}")
        self.send("status", {"status": secondary_status})

    def progress(self, progress: Progress) -> None:
        """A step of the fine-tune is done."""
        self.send("progress", asdict(progress))

    def log(self, text: str) -> None:
        """Add a line to the job's log."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S,%f")[:-3]
        with open(self._log_file, "a", encoding="utf-8") as log:
            log.write(f"{now} INFO {text}\n")

    def pause(self, seconds: float | None) -> None:
        """Wait, giving signs of life; None waits until the worker is sent away. Raises SentAway."""
        until = math.inf if seconds is None else time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._sent_away.wait(min(left, self._heartbeat or left, threading.TIMEOUT_MAX)):
                raise SentAway
            self.send("alive", {})

    def send_away(self, number: int) -> None:
        """End the script at its next pause or event."""
        self.code = -number
        self._sent_away.set()

    def close(self) -> None:
        """There will be no more events."""
        self._stream.close()


class ScriptedWorker:
    """A thread that plays a script. Satisfies executors.WorkerProcess.

    It stands for `process` where there is one, which is told of every signal; it gives a sign of life every
    `heartbeat` seconds, 0 for none.
    """

    def __init__(self, script: Script, log_file: str, heartbeat: float, process: "Signalled | None" = None) -> None:
        self.pid = NO_PROCESS if process is None else process.pid
        self._process = process
        reading, writing = os.pipe()
        self.events: BinaryIO = os.fdopen(reading, "rb")
        self._actor = Actor(writing, log_file, heartbeat)
        self._thread = threading.Thread(target=self._play, args=(script,), daemon=True, name="scripted-worker")
        self._thread.start()

    def signal(self, number: int) -> None:
        """End the script, whatever the signal."""
        self._actor.send_away(number)
        if self._process is not None:
            self._process.signal(number)

    def wait(self) -> int | None:
        """The exit code, negative for a signal."""
        self._thread.join()
        return self._actor.code

    def _play(self, script: Script) -> None:
        actor = self._actor
        try:
            actor.code = script(actor) or actor.code
        except (SentAway, BrokenPipeError):
            logger.debug("a scripted worker was sent away")
        except errors.JobFailure as failure:
            _refuse(actor, str(failure))
        except Exception as defect:
            logger.exception("a scripted worker broke")
            _refuse(actor, f"AlgorithmError: {type(defect).__name__}: {defect}")
        finally:
            actor.close()


def _refuse(actor: Actor, reason: str) -> None:
    try:
        actor.log(reason)
        actor.send("refused", {"reason": reason})
    except (SentAway, BrokenPipeError):
        logger.debug("a scripted worker was sent away")


def slowed(worker: Any, seconds: float) -> Script:
    """The script that passes on what another worker says, so that each stage lasts at least so long."""

    def script(actor: Actor) -> int | None:
        entered = time.monotonic()
        try:
            with worker.events as events:
                while line := events.readline(1_000_000):
                    if not line.startswith(WITHIN_A_STAGE):
                        actor.pause(entered + seconds - time.monotonic())
                        entered = time.monotonic()
                    actor.write(line)
        finally:
            code: int | None = worker.wait()
        return code

    return script
