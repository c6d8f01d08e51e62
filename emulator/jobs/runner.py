"""Which job runs when, and what each end of its worker means."""

import logging
import queue
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emulator import errors
from emulator.executors import Executor, WorkerProcess, signal_group
from emulator.jobs.active import ActiveRun, Cause
from emulator.jobs.events import Advanced, Expired, Finished, Refused, parse_event
from emulator.jobs.orders import OrderFolder, candidate_name, new_folder, training_job_arn, write_order
from emulator.jobs.record import AutoMLJob, Candidate, IllegalTransition, SecondaryStatus
from emulator.jobs.store import JobStore
from emulator.problem_types import Outcome, Progress
from emulator.settings import Settings
from emulator.storage.s3_access import S3Access

LONGEST_EVENT = 1_000_000
LONGEST_QUOTE = 200
LONGEST_SHUTDOWN_SECONDS = 15.0
LEAST_OVERTIME_SECONDS = 5.0
OVERTIME = 0.1
"""A worker ends by itself at its job's deadline; it is ended once so much of the longest runtime has passed in vain."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unexplained:
    """A worker ended with this exit code, if anyone knows it, and reported neither a result nor a reason."""

    code: int | None


End = Finished | Refused | Expired | Unexplained


class JobRunner:
    """Runs jobs first in, first out, as many at a time as the settings say."""

    def __init__(
        self, store: JobStore, executor: Executor, settings: Settings, s3: S3Access, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._executor = executor
        self._settings = settings
        self._s3 = s3
        self._clock = clock
        self._queue: queue.SimpleQueue[AutoMLJob | None] = queue.SimpleQueue()
        self._active: dict[str, ActiveRun] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._serve_queue, daemon=True, name=f"runner-{number}")
            for number in range(settings.workers)
        ]

    def start(self) -> None:
        """Begin to take jobs from the queue."""
        for thread in self._threads:
            thread.start()

    def submit(self, job: AutoMLJob) -> None:
        """Queue a stored job."""
        self._queue.put(job)

    def stop(self, job: AutoMLJob) -> None:
        """Move a job to Stopping, and to Stopped as soon as no worker has it; a finished job stays as it is."""
        with self._lock:
            stopping = self._store.change(
                job.region, job.name, lambda job: job.moved_to(SecondaryStatus.STOPPING, self._clock())
            )
            run = self._active.get(job.arn)
        if run is not None:
            run.end(Cause.STOP)
        elif stopping.secondary_status is SecondaryStatus.STOPPING:
            self._move(job, SecondaryStatus.STOPPED)

    def close(self) -> None:
        """End all workers, and wait until they are gone; jobs that have not ended stay as they are."""
        with self._lock:
            self._closing = True
            runs = list(self._active.values())
        for _ in self._threads:
            self._queue.put(None)
        for run in runs:
            run.end(Cause.SHUTDOWN)
        for thread in self._threads:
            thread.join(LONGEST_SHUTDOWN_SECONDS)

    def _serve_queue(self) -> None:
        while (job := self._queue.get()) is not None:
            run = self._begin(job)
            if run is None:
                continue
            try:
                self._run(job, run)
            except errors.JobFailure as failure:
                self._fail(job, failure)
            except Exception as defect:
                logger.exception("running %s broke", job.name)
                self._fail(job, errors.runner_broke(f"{type(defect).__name__}: {defect}"))
            finally:
                self._settle(job)

    def _begin(self, job: AutoMLJob) -> ActiveRun | None:
        """Take a job from the queue, unless it was stopped there or the server is ending."""
        with self._lock:
            stored = self._store.get(job.region, job.name)
            if self._closing or stored.secondary_status is not SecondaryStatus.STARTING:
                return None
            run = self._active[job.arn] = ActiveRun()
            return run

    def _settle(self, job: AutoMLJob) -> None:
        """No worker has the job any more: one that is still stopping has stopped."""
        with self._lock:
            del self._active[job.arn]
            if self._store.get(job.region, job.name).secondary_status is SecondaryStatus.STOPPING:
                self._move(job, SecondaryStatus.STOPPED)

    def _run(self, job: AutoMLJob, run: ActiveRun) -> None:
        if job.problem_type is None:
            raise errors.problem_type_not_trained(job.problem_type_name)
        with new_folder() as path:
            folder = OrderFolder(Path(path))
            write_order(job, folder, self._settings, self._s3)
            worker = self._executor.start(folder.order_file, folder.log_file)
            deadline = self._set_deadline(job, run)
            try:
                run.begin(worker)
                end = self._follow(job, run, worker)
            except BaseException:
                signal_group(worker, signal.SIGKILL)
                worker.wait()
                raise
            finally:
                deadline.cancel()
                run.over()
            self._conclude(job, run.cause, end, folder)

    def _set_deadline(self, job: AutoMLJob, run: ActiveRun) -> threading.Timer:
        overtime = max(LEAST_OVERTIME_SECONDS, OVERTIME * job.longest_runtime)
        left = job.deadline + overtime - self._clock()
        timer = threading.Timer(max(0.0, left), run.end, (Cause.DEADLINE,))
        timer.daemon = True
        timer.start()
        return timer

    def _follow(self, job: AutoMLJob, run: ActiveRun, worker: WorkerProcess) -> End:
        """Take in a worker's events until it ends, and tell how it ended. Raises JobFailure for anything else.

        The first result counts: all that it tells of is stored by then, so whatever comes later changes nothing.
        """
        result: Finished | Refused | Expired | None = None
        with worker.events as events:
            while line := events.readline(LONGEST_EVENT):
                if result is None:
                    result = self._take_in(job, line)
                    if result is not None:
                        run.expect_end()
        code = worker.wait()
        return result or Unexplained(code)

    def _take_in(self, job: AutoMLJob, line: bytes) -> Finished | Refused | Expired | None:
        """Act on one event, and return it where it is a result."""
        try:
            match event := parse_event(line):
                case Advanced(status):
                    self._move(job, status)
                case Progress():
                    self._store.note_progress(job, event)
                case Finished() | Refused() | Expired():
                    return event
        except (ValueError, IllegalTransition):
            raise errors.worker_incoherent(line[:LONGEST_QUOTE].decode(errors="replace").strip()) from None
        return None

    def _conclude(self, job: AutoMLJob, cause: Cause | None, end: End, folder: OrderFolder) -> None:
        """Write the end into the record; that of a stopping job is left to `_settle`."""
        match end, cause:
            case Finished(outcome), _:
                self._complete(job, outcome)
            case (_, Cause.DEADLINE) | (Expired(), _):
                self._move(job, SecondaryStatus.MAX_RUNTIME_REACHED)
            case _, Cause.SHUTDOWN:
                logger.info("%s was running when the server ended", job.name)
            case Refused(reason), _:
                self._fail(job, errors.training_job_failed(training_job_arn(job), reason))
            case Unexplained(code), _:
                lost = _lost(code, folder.last_words())
                self._fail(job, errors.training_job_failed(training_job_arn(job), str(lost)))

    def _move(self, job: AutoMLJob, status: SecondaryStatus) -> None:
        self._store.change(job.region, job.name, lambda job: job.moved_to(status, self._clock()))

    def _fail(self, job: AutoMLJob, failure: errors.JobFailure) -> None:
        logger.info("%s failed: %s", job.name, failure)
        self._store.change(job.region, job.name, lambda job: job.failed(str(failure), self._clock()))

    def _complete(self, job: AutoMLJob, outcome: Outcome) -> None:
        now = self._clock()
        reached = outcome.job_runtime_reached
        candidate = Candidate(
            name=candidate_name(job),
            problem_type=job.problem_type_name,
            training_job_arn=training_job_arn(job),
            metrics=outcome.metrics,
            artifacts=outcome.artifacts,
            image=outcome.image,
            environment=outcome.environment,
            created=job.created,
            ended=now,
        )
        self._store.change(job.region, job.name, lambda job: job.completed(candidate, now, runtime_reached=reached))


def _lost(code: int | None, last_words: str) -> errors.JobFailure:
    if code == -signal.SIGKILL:
        return errors.worker_killed(last_words)
    return errors.worker_lost("exit status unknown" if code is None else f"exit status {code}", last_words)
