"""Where jobs stand, as the store remembers it."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.jobs import store
from emulator.jobs.record import AutoMLJob
from emulator.jobs.store import JobStore
from emulator.problem_types import Progress
from emulator.storage.database import Database

PROGRESS = Progress(1, 2, 1, 1, 0.5)


@pytest.fixture(name="_busy")
def _busy_threads() -> Iterator[None]:
    """Threads that take turns at once."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_busy")
def test_many_jobs_report_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten while others report: a job's worker is never ended for that."""
    monkeypatch.setattr(store, "MOST_PROGRESS", 4)
    jobs = JobStore(Database())

    def report(worker: int) -> None:
        for number in range(2_000):
            jobs.note_progress(AutoMLJob("us-east-1", "1", f"job-{worker}-{number}", {}, 0.0, 0.0), PROGRESS)

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(report, range(8)))
    assert jobs.progress_of(AutoMLJob("us-east-1", "1", "none", {}, 0.0, 0.0)) is None
