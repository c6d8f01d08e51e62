"""Runs the jobs that need no training, beside those that do: a job that only passes time takes no worker's place."""

import threading
from collections.abc import Callable

from emulator.jobs.queue import JobQueue, Task

MOST_AT_ONCE = 32
"""Each takes three threads and a pipe; the rest wait, first in, first out."""


class Players:
    """Threads that come with the jobs of the queue and go with them. `serve` runs one job, and raises nothing."""

    def __init__(self, queue: JobQueue, serve: Callable[[Task], None]) -> None:
        self._queue = queue
        self._serve = serve
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()

    def begin(self) -> None:
        """See to a job that was put into the queue; returns at once."""
        with self._lock:
            if len(self._threads) < MOST_AT_ONCE:
                thread = threading.Thread(target=self._play, daemon=True, name="player")
                thread.start()  # it takes the lock first
                self._threads.add(thread)

    def join(self, seconds: float) -> None:
        """Wait until all have ended, once the queue is closed."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(seconds)

    def _play(self) -> None:
        while (task := self._next()) is not None:
            self._serve(task)

    def _next(self) -> Task | None:
        """The next job; where there is none this thread counts no more, before another job can be put there."""
        with self._lock:
            task = self._queue.take_beside()
            if task is None:
                self._threads.discard(threading.current_thread())
            return task
