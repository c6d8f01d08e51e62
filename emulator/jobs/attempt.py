"""One run of a job in a worker: from the order to how it ended, and why."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from emulator import errors
from emulator.executors import Executor, signal_group
from emulator.jobs.active import ActiveRun, Cause
from emulator.jobs.deployment import Deploy
from emulator.jobs.events import Refused
from emulator.jobs.folders import RunFolders
from emulator.jobs.ledger import Ledger
from emulator.jobs.log_stream import LogGroup, LogStream
from emulator.jobs.orders import training_log_stream, write_order
from emulator.jobs.queue import Task
from emulator.jobs.record import AutoMLJob
from emulator.jobs.report import End, Report, Unexplained
from emulator.jobs.store import JobStore
from emulator.jobs.watch import Watch, limits_of
from emulator.s3.access import S3Access
from emulator.settings import Settings

LEAST_OVERTIME_SECONDS = 5.0
OVERTIME = 0.1
"""A worker ends by itself at its job's deadline; it is ended once so much of the longest runtime has passed in vain."""


@dataclass(frozen=True)
class Workshop:
    """What is around the runs of a server.

    `runs` is where workers have their files, `log_group` where their logs go while they run, `deploy` what makes an
    endpoint of a candidate; without one a job that asks for an endpoint ends as one whose deployment failed. `plays`
    tells of a job whether it is answered without being trained.
    """

    s3: S3Access
    runs: RunFolders
    log_group: LogGroup | None = None
    deploy: Deploy | None = None
    plays: Callable[[AutoMLJob], bool] = lambda _: False


@dataclass(frozen=True)
class Attempts:
    """Runs one job after the other; from any number of threads."""

    store: JobStore
    ledger: Ledger
    executor: Executor
    settings: Settings
    workshop: Workshop
    clock: Callable[[], float]

    def run(self, task: Task, run: ActiveRun, gpu: str | None, stop: Callable[[], object]) -> End:
        """Run a job in a new worker, and tell how it ended; `stop` is for one that wants that. Raises JobFailure."""
        job, folder = task.job, run.folder
        write_order(task, folder, self.settings, self.workshop.s3, gpu)
        worker = self.executor.start(folder.order_file, folder.log_file)
        ends_at = task.due + max(LEAST_OVERTIME_SECONDS, OVERTIME * job.longest_runtime)
        stream_name = training_log_stream(job, self.clock())
        stream = LogStream(folder.log_file, self.workshop.log_group, job.region, stream_name)
        report = Report(
            run,
            advance=lambda status: self.ledger.move(job, status),
            note=lambda progress: self.store.note_progress(job, progress),
            stop=stop,
        )
        try:
            with Watch(run, worker, limits_of(self.settings), ends_at, stream):
                run.begin(worker)
                return report.follow(worker)
        except BaseException:
            signal_group(worker, signal.SIGKILL)
            worker.wait()
            raise
        finally:
            run.over()

    def reason(self, run: ActiveRun, end: End) -> str:
        """Why a run ended without a result."""
        match end, run.cause:
            case Refused(reason), _:
                return reason
            case _, Cause.SILENCE:
                return str(errors.worker_silent(self.settings.worker_silence))
            case _, Cause.MEMORY:
                return str(errors.worker_too_large((limits_of(self.settings).memory or 0) // 2**20))
            case _, Cause.LOUDNESS:
                return str(errors.worker_too_loud(limits_of(self.settings).log // 2**20))
            case Unexplained(code), _:
                return str(_lost(code, run.folder.last_words()))
        raise AssertionError(end)


def _lost(code: int | None, last_words: str) -> errors.JobFailure:
    if code == -signal.SIGKILL:
        return errors.worker_killed(last_words)
    return errors.worker_lost("exit status unknown" if code is None else f"exit status {code}", last_words)
