"""Deploying candidates, beside the queue: a worker is free for the next job while an endpoint comes up."""

import logging
import threading
from collections.abc import Callable

from emulator import errors
from emulator.jobs.ledger import Forgotten, Ledger
from emulator.jobs.queue import Task
from emulator.jobs.record import AutoMLJob, Candidate, SecondaryStatus

Deploy = Callable[[AutoMLJob, Candidate], str]
"""Serves a candidate, and returns the endpoint's name once it is in service.

Raises EndpointFailure where it never will be, and ServerEnding where the server ends first: the next server calls it
again for the same job.
"""

logger = logging.getLogger(__name__)


class Deployments:
    """The jobs that are deploying.

    A job that ends before its endpoint is in service keeps its candidate alone. The endpoint, once begun, comes up
    nevertheless, and is the user's to delete: nothing in AWS's API ends one that is being created (inferred).
    """

    def __init__(self, ledger: Ledger, deploy: Deploy | None) -> None:
        self._ledger = ledger
        self._deploy = deploy
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._closed = False

    def begin(self, task: Task) -> None:
        """Deploy the candidate of a job that has one, and return at once."""
        if self._deploy is None:
            self._ledger.not_deployed(task.job, None)
            return
        with self._lock:
            self._tasks[task.job.arn] = task
        threading.Thread(target=self._run, args=(task, self._deploy), daemon=True, name="deploy").start()

    def take_overdue(self, now: float) -> list[Task]:
        """Let go of the jobs whose longest runtime is over."""
        with self._lock:
            overdue = [task for task in self._tasks.values() if task.due <= now]
            for task in overdue:
                del self._tasks[task.job.arn]
        return overdue

    def clear(self) -> None:
        """Let go of all jobs: a reset has taken them away."""
        with self._lock:
            self._tasks.clear()

    def close(self) -> None:
        """Tell of no more ends: what deploys now will be deployed again by the next server."""
        with self._lock:
            self._closed = True

    def _run(self, task: Task, deploy: Deploy) -> None:
        try:
            self._deploy_and_tell(task, deploy)
        except Forgotten:
            logger.info("%s was deploying when the server was reset", task.job.name)

    def _deploy_and_tell(self, task: Task, deploy: Deploy) -> None:
        job = self._ledger.read(task.job)
        if job.secondary_status is not SecondaryStatus.DEPLOYING_MODEL:  # it was stopped before anything was made
            self._let_go(task)
            return
        failure = None
        try:
            assert job.candidate is not None, "a job that deploys has a candidate"  # noqa: S101 - by TRANSITIONS
            endpoint_name = deploy(job, job.candidate)
        except errors.ServerEnding:
            return
        except errors.EndpointFailure as told:
            failure = str(told)
        except Exception as defect:
            logger.exception("deploying %s broke", job.name)
            failure = str(errors.job_not_deployed(f"{type(defect).__name__}: {defect}"))
        self._let_go(task)
        if self._closed:
            return
        if failure is None:
            self._ledger.deployed(job, endpoint_name)
        else:
            self._ledger.not_deployed(job, failure)

    def _let_go(self, task: Task) -> None:
        with self._lock:
            if self._tasks.get(task.job.arn) is task:
                del self._tasks[task.job.arn]
