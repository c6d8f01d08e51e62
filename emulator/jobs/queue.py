"""The jobs that wait for a worker, first in, first out, and those that need none."""

import threading
from dataclasses import dataclass

from emulator.jobs.record import AutoMLJob


@dataclass(frozen=True)
class Task:
    """A job to be run, and when its longest runtime is over.

    `due` is on the clock of `time.monotonic`, so that nobody who sets the machine's clock changes it. One that runs
    `beside` is not trained, and takes no place of those that are.
    """

    job: AutoMLJob
    due: float
    beside: bool = False


class JobQueue:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, task: Task) -> None:
        """Add a job at the end; one that waits already keeps its place."""
        with self._changed:
            self._tasks.setdefault(task.job.arn, task)
            self._changed.notify()

    def take(self) -> Task | None:
        """The first job to be trained, as soon as there is one; None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._first(beside=False) or self._closed)
            first = self._first(beside=False)
            return None if self._closed or first is None else self._tasks.pop(first.job.arn)

    def take_beside(self) -> Task | None:
        """The first job that is not trained; None where there is none now."""
        with self._changed:
            first = self._first(beside=True)
            return None if self._closed or first is None else self._tasks.pop(first.job.arn)

    def remove(self, arn: str) -> None:
        """Take a job out, if it is there."""
        with self._changed:
            self._tasks.pop(arn, None)

    def take_overdue(self, now: float) -> list[Task]:
        """Take out the jobs whose longest runtime is over."""
        with self._changed:
            overdue = [task for task in self._tasks.values() if task.due <= now]
            for task in overdue:
                del self._tasks[task.job.arn]
        return overdue

    def clear(self) -> None:
        """Take out all jobs."""
        with self._changed:
            self._tasks.clear()

    def close(self) -> None:
        """Let everyone who waits go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _first(self, *, beside: bool) -> Task | None:
        return next((task for task in self._tasks.values() if task.beside is beside), None)
