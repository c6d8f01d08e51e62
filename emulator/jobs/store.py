"""The jobs, in the database."""

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache

from emulator import errors
from emulator.jobs.listing import JobQuery, next_token, select
from emulator.jobs.record import AutoMLJob, AutoMLJobStatus, Candidate, SecondaryStatus, region_of_arn
from emulator.problem_types import Progress
from emulator.storage.database import Database
from emulator.storage.tags import put_tags

MOST_READ = 1_000
"""Records that are kept as read: they are immutable, and pollers and lists ask for the same ones again and again."""

MOST_PROGRESS = 1_000
"""Jobs whose last progress is remembered."""


class JobStore:
    """Jobs by region and name. Safe to call from any thread; every change is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._progress: dict[tuple[str, str], Progress] = {}
        self._noting = threading.Lock()

    def add(self, job: AutoMLJob, tags: Mapping[str, str]) -> None:
        """Keep a new job and its tags. Raises ResourceInUse where the name is taken, whatever its case."""
        with self._database.changing() as db:
            try:
                db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)", _row(job))
            except sqlite3.IntegrityError:
                raise errors.job_name_in_use(job.name) from None
            put_tags(db, job.arn, tags)

    def get(self, region: str, name: str) -> AutoMLJob:
        """The job of that name. Raises ResourceNotFound."""
        with self._database.reading() as db:
            return _read(db, region, name)

    def named(self, region: str, names: Sequence[str]) -> list[AutoMLJob]:
        """The jobs that there are of these names."""
        with self._database.reading() as db:
            return self.read_named(db, region, names)

    def read_named(self, db: sqlite3.Connection, region: str, names: Sequence[str]) -> list[AutoMLJob]:
        """The same, for whoever holds the database already."""
        keys = [name.lower() for name in names]
        statement = f"SELECT record FROM jobs WHERE region = ? AND key IN ({','.join('?' * len(keys))})"  # noqa: S608
        return [_job(record) for (record,) in db.execute(statement, (region, *keys))]

    def change(self, region: str, name: str, step: Callable[[AutoMLJob], AutoMLJob]) -> AutoMLJob:
        """Replace a job by what `step` makes of it, in one transaction, and return it. Raises ResourceNotFound."""
        with self._database.changing() as db:
            job = step(_read(db, region, name))
            db.execute("REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?)", _row(job))
            return job

    def page(self, region: str, query: JobQuery) -> tuple[list[AutoMLJob], str | None]:
        """One page of jobs, and the token of the next one where there is one."""
        statement, parameters = select(region, query)
        with self._database.reading() as db:
            rows = db.execute(statement, parameters).fetchall()
        jobs = [_job(record) for (record,) in rows[: query.max_results]]
        return jobs, next_token(query, jobs[-1]) if len(rows) > query.max_results else None

    def of_region(self, region: str) -> list[AutoMLJob]:
        """All jobs of a region."""
        with self._database.reading() as db:
            rows = db.execute("SELECT record FROM jobs WHERE region = ?", (region,)).fetchall()
        return [_job(record) for (record,) in rows]

    def unfinished(self) -> list[AutoMLJob]:
        """All jobs that have not ended, over all regions, in the order of their creation."""
        statement = "SELECT record FROM jobs WHERE status IN (?, ?) ORDER BY created, key"
        with self._database.reading() as db:
            rows = db.execute(statement, (AutoMLJobStatus.IN_PROGRESS, AutoMLJobStatus.STOPPING)).fetchall()
        return [_job(record) for (record,) in rows]

    def count_by_status(self) -> dict[str, int]:
        """How many jobs there are in each AutoMLJobStatus, over all regions."""
        with self._database.reading() as db:
            return dict(db.execute("SELECT status, COUNT(*) FROM jobs GROUP BY status"))

    def note_progress(self, job: AutoMLJob, progress: Progress) -> None:
        """Remember where a running job stands; not durable, since a restarted job begins anew."""
        with self._noting:
            self._progress[job.region, job.name] = progress
            if len(self._progress) > MOST_PROGRESS:
                del self._progress[next(iter(self._progress))]

    def clear(self) -> None:
        """Forget every job and every tag, and whatever else is in the database."""
        self._database.clear()
        with self._noting:
            self._progress.clear()

    def progress_of(self, job: AutoMLJob) -> Progress | None:
        """Where a job stood when it last said so."""
        return self._progress.get((job.region, job.name))

    def owns(self, db: sqlite3.Connection, arn: str) -> bool:
        """Whether there is a job of that ARN, whatever its case."""
        try:
            return _read(db, region_of_arn(arn), arn.rpartition("/")[2]).arn.lower() == arn.lower()
        except errors.ApiError:
            return False


def _read(db: sqlite3.Connection, region: str, name: str) -> AutoMLJob:
    found = db.execute("SELECT record FROM jobs WHERE region = ? AND key = ?", (region, name.lower()))
    row = found.fetchone()
    if row is None:
        raise errors.job_not_found(name)
    return _job(row[0])


def _row(job: AutoMLJob) -> tuple[object, ...]:
    return (job.region, job.name.lower(), job.created, job.modified, job.status, json.dumps(asdict(job)))


@lru_cache(MOST_READ)
def _job(record: str) -> AutoMLJob:
    content = json.loads(record)
    content["secondary_status"] = SecondaryStatus(content["secondary_status"])
    if content["candidate"] is not None:
        content["candidate"] = Candidate(**content["candidate"])
    return AutoMLJob(**content)
