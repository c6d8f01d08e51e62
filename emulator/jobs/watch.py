"""Watches a worker from outside: what it may take of time, memory and disk, and whether it is alive."""

import os
import threading
import time
from dataclasses import dataclass
from typing import Self

from emulator.executors import WorkerProcess
from emulator.executors.memory import memory_of, total_memory
from emulator.jobs.active import ActiveRun, Cause
from emulator.jobs.log_stream import LogStream
from emulator.settings import Settings

TICK_SECONDS = 0.25
LARGEST_LOG = 64 * 2**20
SHARE_OF_MEMORY = 0.9


@dataclass(frozen=True)
class Limits:
    """What a worker may take; None where nothing is known or set. Memory and log in bytes."""

    silence: int | None
    memory: int | None
    log: int = LARGEST_LOG


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings name, or that this machine sets."""
    total = total_memory()
    share = None if total is None else int(total * SHARE_OF_MEMORY)
    return Limits(settings.worker_silence or None, settings.worker_memory * 2**20 or share)


class Watch:
    """While entered, ends a run that passes a limit or its deadline, and passes its log on."""

    def __init__(self, run: ActiveRun, worker: WorkerProcess, limits: Limits, ends_at: float, log: LogStream) -> None:
        self._run = run
        self._worker = worker
        self._limits = limits
        self._ends_at = ends_at
        self._log = log
        self._over = threading.Event()
        self._silent = 0.0
        self._heard = 0
        self._thread = threading.Thread(target=self._watch, daemon=True, name="watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._log.forward(last=True)

    def _watch(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            cause = self._cause()
            if cause is not None:
                self._run.end(cause)
            self._log.forward()

    def _cause(self) -> Cause | None:
        limits = self._limits
        if time.monotonic() >= self._ends_at:
            return Cause.DEADLINE
        if limits.silence is not None and self._silence() > limits.silence:
            return Cause.SILENCE
        if limits.memory is not None and memory_of(self._worker.pid) > limits.memory:
            return Cause.MEMORY
        return Cause.LOUDNESS if _size(self._run.folder.log_file) > limits.log else None

    def _silence(self) -> float:
        """Seconds without an event; counted in ticks, so that time in which the whole machine slept is none."""
        self._silent = self._silent + TICK_SECONDS if self._run.heard == self._heard else 0.0
        self._heard = self._run.heard
        return self._silent


def _size(file: str) -> int:
    try:
        return os.stat(file).st_size
    except FileNotFoundError:
        return 0
