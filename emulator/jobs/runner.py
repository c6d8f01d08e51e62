"""Which job runs when, and what each end of its worker means."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from emulator import errors
from emulator.executors import Executor
from emulator.executors.gpus import visible_gpus
from emulator.jobs.active import ActiveRun, Cause
from emulator.jobs.attempt import Attempts, Workshop
from emulator.jobs.deployment import Deployments
from emulator.jobs.events import Expired, Finished, Refused
from emulator.jobs.folders import RunFolder
from emulator.jobs.ledger import Forgotten, Ledger
from emulator.jobs.logs import JobLogs, LogPart
from emulator.jobs.orders import training_job_arn
from emulator.jobs.players import Players
from emulator.jobs.queue import JobQueue, Task
from emulator.jobs.record import AutoMLJob, SecondaryStatus
from emulator.jobs.report import End
from emulator.jobs.store import JobStore
from emulator.settings import Settings

LONGEST_SHUTDOWN_SECONDS = 15.0
LONGEST_RESET_SECONDS = 4.0
SECONDS_BETWEEN_LOOKS = 1.0

logger = logging.getLogger(__name__)


class JobRunner:
    """Runs jobs first in, first out, as many at a time as the settings say, and beside them those that only play."""

    def __init__(
        self,
        store: JobStore,
        executor: Executor,
        settings: Settings,
        clock: Callable[[], float],
        workshop: Workshop,
    ) -> None:
        self._store = store
        self._clock = clock
        self._runs = workshop.runs
        self._logs = JobLogs(workshop.s3)
        self._ledger = Ledger(store, clock)
        self._attempts = Attempts(store, self._ledger, executor, settings, workshop, clock)
        self._queue = JobQueue()
        self._players = Players(self._queue, partial(self._serve, gpu=None))
        self._plays = workshop.plays
        self._deployments = Deployments(self._ledger, workshop.deploy)
        self._active: dict[str, ActiveRun] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._resetting = False
        gpus: list[str | None] = [*visible_gpus(settings.device)] or [None]
        self.workers = len(gpus) if settings.workers < 0 else settings.workers
        self._threads = [
            threading.Thread(target=self._serve_queue, args=(gpus[number % len(gpus)],), daemon=True, name="runner")
            for number in range(self.workers)
        ]
        self._threads.append(threading.Thread(target=self._end_overdue, daemon=True, name="deadlines"))

    def start(self) -> None:
        """Take over the jobs that another server left unfinished, and begin to run."""
        for job in self._store.unfinished():
            taken = self._ledger.begin_again(job)
            if taken.secondary_status is SecondaryStatus.STARTING:
                logger.info("%s begins again", job.name)
                self.submit(taken)
            elif taken.secondary_status is SecondaryStatus.DEPLOYING_MODEL:
                self._deployments.begin(self._task(taken))
        for thread in self._threads:
            thread.start()

    def submit(self, job: AutoMLJob) -> None:
        """Queue a stored job; one that is not trained begins at once, unless the settings let all of them wait."""
        task = replace(self._task(job), beside=self.workers > 0 and self._plays(job))
        self._queue.put(task)
        if task.beside:
            self._players.begin()

    def stop(self, job: AutoMLJob) -> None:
        """Move a job to Stopping, and to Stopped as soon as no worker has it; a finished job stays as it is."""
        with self._lock:
            stopping = self._moved(job, SecondaryStatus.STOPPING)
            run = self._active.get(job.arn)
        if run is not None:
            run.end(Cause.STOP)
        elif stopping.secondary_status is SecondaryStatus.STOPPING:
            self._queue.remove(job.arn)
            self._moved(job, SecondaryStatus.STOPPED)

    def read_log(self, job: AutoMLJob, offset: int) -> LogPart:
        """The part of a job's training log that begins at a byte."""
        with self._lock:
            run = self._active.get(job.arn)
        return self._logs.read(job, None if run is None else Path(run.folder.log_file), offset)

    def reset(self, forget: Callable[[], None]) -> None:
        """Kill every worker, drop every other job, and call `forget` while no job can begin.

        A worker that is still there after LONGEST_RESET_SECONDS is ended too, and nobody hears of it any more.
        """
        with self._lock:
            self._resetting = True
            runs = list(self._active.values())
        self._queue.clear()
        self._deployments.clear()
        for run in runs:
            run.end(Cause.RESET)
        deadline = time.monotonic() + LONGEST_RESET_SECONDS
        while time.monotonic() < deadline and any(run in self._active.values() for run in runs):
            time.sleep(0.005)
        with self._lock:
            try:
                forget()
            finally:
                self._resetting = False

    def begin_to_end(self) -> None:
        """End all workers and begin no more; from now on the end of one means nothing for its job, which stays."""
        with self._lock:
            self._closed.set()
            runs = list(self._active.values())
        self._ledger.close()
        self._deployments.close()
        self._queue.close()
        for run in runs:
            run.end(Cause.SHUTDOWN)

    def close(self) -> None:
        """The same, and wait until the workers are gone."""
        self.begin_to_end()
        for thread in self._threads:
            thread.join(LONGEST_SHUTDOWN_SECONDS)
        self._players.join(LONGEST_SHUTDOWN_SECONDS)
        self._runs.close()

    def _moved(self, job: AutoMLJob, status: SecondaryStatus) -> AutoMLJob:
        """Write a status at once or not at all: somebody waits for the answer, and can ask again."""
        return self._store.change(job.region, job.name, lambda job: job.moved_to(status, self._clock()))

    def _task(self, job: AutoMLJob) -> Task:
        left = min(job.deadline - self._clock(), job.longest_runtime)
        return Task(job, time.monotonic() + left)

    def _end_overdue(self) -> None:
        """End the jobs whose longest runtime is over while they wait or deploy; a worker has a watch of its own."""
        while not self._closed.wait(SECONDS_BETWEEN_LOOKS):
            now = time.monotonic()
            for task in (*self._queue.take_overdue(now), *self._deployments.take_overdue(now)):
                self._guarded(task.job, partial(self._ledger.move, status=SecondaryStatus.MAX_RUNTIME_REACHED))

    def _serve_queue(self, gpu: str | None) -> None:
        while (task := self._queue.take()) is not None:
            self._serve(task, gpu)

    def _serve(self, task: Task, gpu: str | None) -> None:
        try:
            with self._runs.folder() as folder:
                run = self._begin(task.job, folder)
                if run is not None:
                    self._run_and_settle(task, run, gpu)
        except Forgotten as job:
            logger.info("%s was there when the server was reset", job)
        except Exception as defect:
            logger.exception("running %s broke", task.job.name)
            self._guarded(task.job, partial(self._ledger.fail, failure=self._told(defect)))

    def _begin(self, job: AutoMLJob, folder: RunFolder) -> ActiveRun | None:
        """Take a job from the queue, unless it was stopped there or the server is ending."""
        with self._lock:
            waiting = self._ledger.read(job).secondary_status is SecondaryStatus.STARTING
            if self._closed.is_set() or self._resetting or not waiting or job.arn in self._active:
                return None
            run = self._active[job.arn] = ActiveRun(folder)
            return run

    def _run_and_settle(self, task: Task, run: ActiveRun, gpu: str | None) -> None:
        """Run a job; once no worker has it any more, it has stopped if it was stopping."""
        job = task.job
        try:
            self._run(task, run, gpu)
        except errors.JobFailure as failure:
            self._ledger.fail(job, failure)
        finally:
            with self._lock:
                if self._active.get(job.arn) is run:
                    del self._active[job.arn]
                stopping = self._ledger.read(job).secondary_status is SecondaryStatus.STOPPING
            if stopping:
                self._ledger.move(job, SecondaryStatus.STOPPED)

    def _run(self, task: Task, run: ActiveRun, gpu: str | None) -> None:
        job = task.job
        if job.problem_type is None and not self._plays(job):
            raise errors.problem_type_not_trained(job.problem_type_name)
        try:
            end = self._attempts.run(task, run, gpu, partial(self.stop, job))
        except errors.JobFailure as failure:
            end = Refused(str(failure))
        if not isinstance(end, Finished) and run.cause not in {Cause.SHUTDOWN, Cause.RESET}:
            self._logs.keep(job, Path(run.folder.log_file))
        self._conclude(task, run, end)

    def _conclude(self, task: Task, run: ActiveRun, end: End) -> None:
        """Write the end into the record; that of a stopping job is left to `_run_and_settle`."""
        job = task.job
        match end, run.cause:
            case Finished(candidate), _:
                if self._ledger.trained(job, candidate).secondary_status is SecondaryStatus.DEPLOYING_MODEL:
                    self._deployments.begin(task)
            case (_, Cause.DEADLINE) | (Expired(), _):
                self._ledger.move(job, SecondaryStatus.MAX_RUNTIME_REACHED)
            case _, Cause.SHUTDOWN | Cause.RESET:
                logger.info("%s was running when %s", job.name, run.cause)
            case Refused(reason, whole=True), _:
                self._ledger.fail(job, errors.commanded_failure(reason))
            case _:
                reason = self._attempts.reason(run, end)
                self._ledger.fail(job, errors.training_job_failed(training_job_arn(job), reason))

    def _told(self, defect: Exception) -> errors.JobFailure:
        if errors.is_disk_full(defect):
            return errors.disk_full(str(self._runs.parent))
        return errors.runner_broke(f"{type(defect).__name__}: {defect}")

    def _guarded(self, job: AutoMLJob, write: Callable[[AutoMLJob], object]) -> None:
        """Write into a job's record where no exception may get further: it would end the thread, and the queue's."""
        try:
            write(job)
        except Exception:
            logger.exception("the record of %s stays as it is", job.name)
