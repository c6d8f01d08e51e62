"""Which earlier run a job is answered from (`--reuse-results`), without running any."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from emulator.jobs.record import AutoMLJob, Candidate, SecondaryStatus
from emulator.jobs.store import JobStore
from emulator.problem_types import TrainingOrder
from emulator.problem_types.text_generation.facts import TEXT_GENERATION
from emulator.recordings.results import Results
from emulator.storage.database import MIGRATIONS, Database
from tests.support.requests import text_generation

S = SecondaryStatus
REGION = "us-east-1"


class Objects:
    """An S3 that has all objects but some."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    def has(self, uri: str) -> bool:
        """Whether it is there."""
        return uri not in self.gone


class Past:
    """Jobs as runs have left them, all of the same fingerprint."""

    def __init__(self, database: Database) -> None:
        self.store = JobStore(database)
        self.results = Results(database, self.store)
        self.objects = Objects()

    def begin(self, name: str, fingerprint: str = "same") -> None:
        """A job is about to be trained."""
        request = text_generation(name)
        self.store.add(AutoMLJob(REGION, "123456789012", name, request, created=1.0, modified=1.0), {})
        self.begin_again(name, fingerprint)

    def begin_again(self, name: str, fingerprint: str) -> None:
        """A job is about to be trained anew, after its server was lost."""
        order = cast("TrainingOrder", type("Order", (), {"region": REGION, "job_name": name}))
        self.results.remember(fingerprint, order)

    def end(self, name: str, status: S, *, trained: bool, cut_short: bool = False) -> None:
        """A job has got to a status, with a candidate or without."""
        candidate = _candidate(name, cut_short=cut_short) if trained else None
        ended = None if status in {S.DEPLOYING_MODEL, S.STOPPING} else 2.0
        self.store.change(
            REGION, name, lambda job: replace(job, secondary_status=status, candidate=candidate, ended=ended)
        )

    def found(self, fingerprint: str = "same") -> str | None:
        """The job that another one would be answered from."""
        job = self.results.find(fingerprint, cast("Any", self.objects))
        return None if job is None else job.name


def _candidate(name: str, *, cut_short: bool) -> Candidate:
    metrics = dict.fromkeys(TEXT_GENERATION.metrics, 0.5)
    artifacts = {"metrics.json": f"s3://bucket/{name}/metrics.json"}
    return Candidate(name, TEXT_GENERATION.name, "arn", metrics, artifacts, "image", {}, 1.0, 2.0, cut_short)


@pytest.fixture(name="past")
def _past() -> Past:
    return Past(Database())


@pytest.mark.parametrize("status", [S.DEPLOYING_MODEL, S.STOPPING, S.STOPPED, S.MODEL_DEPLOYMENT_ERROR, S.COMPLETED])
def test_what_became_of_the_deployment_does_not_matter(past: Past, status: S) -> None:
    """A run counts from when it has a candidate, be its job still deploying that, or stopped over it."""
    past.begin("a")
    past.end("a", status, trained=True)
    assert past.found() == "a"
    past.objects.gone.add("s3://bucket/a/metrics.json")
    assert past.found() is None


@pytest.mark.parametrize(("cut_short", "found"), [(True, None), (False, "a")])
def test_run_that_the_jobs_limit_ended_does_not_count(past: Past, cut_short: bool, found: str | None) -> None:
    """What the limit cut short depends on the machine; where it came during the deployment the run is whole."""
    past.begin("a")
    past.end("a", S.MAX_RUNTIME_REACHED, trained=True, cut_short=cut_short)
    assert past.found() == found


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_run_that_comes_to_nothing_hides_no_other(past: Past, order: tuple[str, str]) -> None:
    """Two jobs that are asked the same run side by side; the one that is stopped takes nothing from the other."""
    for name in order:
        past.begin(name)
    past.end("b", S.STOPPED, trained=False)
    assert past.found() is None
    past.end("a", S.COMPLETED, trained=True)
    assert past.found() == "a"


def test_deleted_run_hides_no_other(past: Past) -> None:
    """Where the artifacts of the last run are gone, one before it answers."""
    for name in ("a", "b"):
        past.begin(name)
        past.end(name, S.COMPLETED, trained=True)
    assert past.found() == "b"
    past.objects.gone.add("s3://bucket/b/metrics.json")
    assert past.found() == "a"


def test_job_answers_for_its_last_run_alone(past: Past) -> None:
    """A job that a new server ran again with another seed is no answer to what it was asked before."""
    past.begin("a", "seed 1")
    past.begin_again("a", "seed 2")
    past.end("a", S.COMPLETED, trained=True)
    assert (past.found("seed 1"), past.found("seed 2")) == (None, "a")


def test_forgotten_job_is_no_answer(past: Past) -> None:
    """What a run remembers while a reset forgets its job leads nowhere."""
    past.begin_again("none", "same")
    assert past.found() is None


def test_results_of_an_old_database_are_kept(tmp_path: Path) -> None:
    """A database that had one job for each fingerprint has the same ones, by their last run."""
    before = next(number for number, script in enumerate(MIGRATIONS) if "results_by_fingerprint" in script)
    old = sqlite3.connect(tmp_path / "emulator.db")
    old.executescript(f"{''.join(MIGRATIONS[:before])} PRAGMA user_version = {before};")
    old.executemany(
        "INSERT INTO results VALUES (?, ?, ?)", [("1", REGION, "a"), ("2", REGION, "a"), ("3", REGION, "b")]
    )
    old.commit()
    old.close()
    database = Database(tmp_path / "emulator.db")
    with database.reading() as db:
        rows = db.execute("SELECT name, fingerprint FROM results ORDER BY name").fetchall()
    database.close()
    assert rows == [("a", "2"), ("b", "3")]
