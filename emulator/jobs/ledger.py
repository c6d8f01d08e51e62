"""What the runner writes into a job's record, whatever it takes."""

import logging
import threading
from collections.abc import Callable

from emulator import errors
from emulator.jobs.orders import candidate_name, training_job_arn
from emulator.jobs.record import AutoMLJob, Candidate, SecondaryStatus
from emulator.jobs.store import JobStore
from emulator.problem_types import TrainedCandidate
from emulator.storage.retrying import retried

logger = logging.getLogger(__name__)


class Forgotten(Exception):
    """A reset has taken the job away, whatever has its name by now."""


class Ledger:
    """Writes steps of jobs to the store, again and again while that has no room for them.

    A job whose end could not be written would stay as it is for ever.
    """

    def __init__(self, store: JobStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._closed = threading.Event()

    def read(self, job: AutoMLJob) -> AutoMLJob:
        """The job as it is now. Raises Forgotten, as all of these do."""
        try:
            return _same(self._store.get(job.region, job.name), job)
        except errors.ApiError as missing:
            raise Forgotten(job.name) from missing

    def move(self, job: AutoMLJob, status: SecondaryStatus) -> AutoMLJob:
        """The job enters a status. Raises IllegalTransition."""
        return self._write(job, lambda job: job.moved_to(status, self._clock()))

    def fail(self, job: AutoMLJob, failure: errors.JobFailure) -> None:
        """The job has failed."""
        logger.info("%s failed: %s", job.name, failure)
        self._write(job, lambda job: job.failed(str(failure), self._clock()))

    def trained(self, job: AutoMLJob, made: TrainedCandidate) -> AutoMLJob:
        """The job has a candidate, and has ended unless that is to be deployed."""
        now = max(self._clock(), job.created)
        candidate = Candidate(
            name=candidate_name(job),
            problem_type=job.problem_type_name,
            training_job_arn=training_job_arn(job),
            metrics=made.metrics,
            artifacts=made.artifacts,
            image=made.image,
            environment=made.environment,
            created=job.created,
            ended=now,
            cut_short=made.cut_short or made.job_runtime_reached,
        )
        reached = made.job_runtime_reached
        return self._write(job, lambda job: job.trained(candidate, now, runtime_reached=reached))

    def deployed(self, job: AutoMLJob, endpoint_name: str) -> None:
        """The job's candidate is in service."""
        self._write(job, lambda job: job.deployed(endpoint_name, self._clock()))

    def not_deployed(self, job: AutoMLJob, reason: str | None) -> None:
        """The job's candidate could not be deployed; without a reason nobody has tried."""
        logger.info("%s was not deployed: %s", job.name, reason)
        self._write(job, lambda job: job.not_deployed(reason, self._clock()))

    def begin_again(self, job: AutoMLJob) -> AutoMLJob:
        """A server takes over a job from one that was lost."""
        if job.begun_again(self._clock()) is job:
            return job
        return self._write(job, lambda job: job.begun_again(self._clock()))

    def close(self) -> None:
        """Write no more than once from now on."""
        self._closed.set()

    def _write(self, job: AutoMLJob, step: Callable[[AutoMLJob], AutoMLJob]) -> AutoMLJob:
        def change() -> AutoMLJob:
            return self._store.change(job.region, job.name, lambda kept: step(_same(kept, job)))

        try:
            return retried(change, job.name, self._closed)
        except errors.ApiError as problem:
            if problem.code == "InternalFailure":
                raise
            raise Forgotten(job.name) from problem


def _same(kept: AutoMLJob, job: AutoMLJob) -> AutoMLJob:
    if kept.created != job.created:
        raise Forgotten(job.name)
    return kept
