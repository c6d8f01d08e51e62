"""The SQLite database of everything that must outlast a call: one connection, one transaction a change.

In a file it keeps a write-ahead log with `synchronous = NORMAL`: a commit is in the hands of the system when it
returns, so `kill -9` loses nothing that was answered. A power cut can lose the changes of the last seconds, never the
consistency of what is left. FULL would keep those too, for a wait for the disk in every call (measured on a virtual
disk: 0.35 ms a commit against 0.025 ms; ten times that on many laptops).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emulator import errors
from emulator.storage.database_file import damaged, foreign, newer
from emulator.storage.refused import DataDirRefused

_JOBS_AND_TAGS = """
CREATE TABLE jobs (
    region TEXT NOT NULL,
    key TEXT NOT NULL,            -- the name in lower case: names are unique regardless of case
    created REAL NOT NULL,
    modified REAL NOT NULL,
    status TEXT NOT NULL,
    record TEXT NOT NULL,         -- the whole AutoMLJob as JSON
    PRIMARY KEY (region, key)
) WITHOUT ROWID;
CREATE INDEX jobs_by_creation ON jobs (region, created, key);
CREATE INDEX jobs_by_status ON jobs (region, status, key);
CREATE TABLE tags (
    arn TEXT NOT NULL,            -- in lower case, since names are unique regardless of case
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
);
"""

_HOSTING = """
CREATE TABLE hosting (
    kind TEXT NOT NULL,           -- as ARNs name it: model, endpoint-config, endpoint
    region TEXT NOT NULL,
    key TEXT NOT NULL,            -- the name in lower case: names are unique regardless of case
    created REAL NOT NULL,
    modified REAL NOT NULL,
    status TEXT NOT NULL,         -- of an endpoint; the others have none
    record TEXT NOT NULL,         -- the whole resource as JSON
    PRIMARY KEY (kind, region, key)
) WITHOUT ROWID;
CREATE INDEX hosting_by_creation ON hosting (kind, region, created, key);
"""

_HISTORY = """
CREATE TABLE history (
    number INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    operation TEXT NOT NULL,
    region TEXT NOT NULL,
    request_id TEXT NOT NULL,
    name TEXT,
    error TEXT
);
"""

_S3 = """
CREATE TABLE s3_buckets (
    name TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    record TEXT NOT NULL          -- moto's values as JSON (local_aws/values.py)
) WITHOUT ROWID;
CREATE TABLE s3_versions (
    number INTEGER PRIMARY KEY,   -- the order of an object's versions
    token TEXT NOT NULL UNIQUE,   -- names its content in the side folder (local_aws/object_files.py)
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,            -- bytes: a key may hold what SQLite's texts cannot
    plain INTEGER NOT NULL,       -- whether its content is a file of the object's own name
    size INTEGER,                 -- of the content, and when its file was written; null for a delete marker
    modified_ns INTEGER,
    record TEXT NOT NULL
);
CREATE INDEX s3_versions_by_key ON s3_versions (bucket, key, number);
"""

_RESULTS = """
CREATE TABLE results (
    fingerprint TEXT PRIMARY KEY,  -- of all that decides what a fine-tune comes to
    region TEXT NOT NULL,
    name TEXT NOT NULL             -- of the job that was run so
);
"""

_RESULTS_OF_ALL = """
ALTER TABLE results RENAME TO replaced;
CREATE TABLE results (
    region TEXT NOT NULL,
    name TEXT NOT NULL,            -- of a job that was run
    fingerprint TEXT NOT NULL,     -- of all that decides what its last run comes to
    PRIMARY KEY (region, name)
);
INSERT OR REPLACE INTO results SELECT region, name, fingerprint FROM replaced ORDER BY rowid;
DROP TABLE replaced;
CREATE INDEX results_by_fingerprint ON results (fingerprint);
"""

MIGRATIONS: tuple[str, ...] = (_JOBS_AND_TAGS, _HOSTING, _HISTORY, _S3, _RESULTS, _RESULTS_OF_ALL)
"""What brings a database of version n to n + 1; SQLite's user_version says which have run."""

_WHOSE = ("PRAGMA user_version", "SELECT COUNT(*) FROM sqlite_master")
"""What tells whether this package has made a database."""


class Database:
    """Safe to use from any thread; whoever reads or changes holds the lock for that long. Without a file, in memory.

    Raises DataDirRefused where the file is none of ours, damaged, or of a newer version.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._connection = sqlite3.connect(file or ":memory:", check_same_thread=False)
        self._lock = threading.Lock()
        try:
            if file is not None:
                self._open(file)
            self._migrate()
        except sqlite3.Error as problem:
            self._connection.close()
            if isinstance(problem, sqlite3.OperationalError):  # no room, no right
                raise DataDirRefused(f"The database {file} cannot be used: {problem}.") from problem
            raise damaged(file, str(problem)) from problem
        except DataDirRefused:
            self._connection.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for statements that change nothing."""
        with self._lock:
            yield self._connection

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """The connection within one transaction, undone should anything be raised.

        Raises InternalFailure where the disk does not take it.
        """
        try:
            with self._lock, self._connection:
                yield self._connection
        except sqlite3.OperationalError as problem:
            raise errors.not_kept(str(problem)) from problem

    def clear(self) -> None:
        """Delete every row of every table."""
        with self.changing() as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            for (table,) in tables.fetchall():
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._connection.close()

    def _open(self, file: Path) -> None:
        # This process alone opens the file: an exclusive lock needs no shared memory beside it, which not every file
        # system that is mounted into a container has. It must be asked for before anything is read.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        ((version,), (tables,)) = (self._connection.execute(question).fetchone() for question in _WHOSE)
        if tables and not version:  # the first transaction writes both
            raise foreign(file)
        if version > len(MIGRATIONS):  # told by the log beside the file, whose own header may be older
            raise newer(file, version, len(MIGRATIONS))
        for setting in ("journal_mode = WAL", "synchronous = NORMAL"):
            self._connection.execute(f"PRAGMA {setting}")
        (damage,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if damage != "ok":
            raise damaged(file, " ".join(str(damage).split()))

    def _migrate(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            self._connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
        if version < len(MIGRATIONS):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that the header tells the version
