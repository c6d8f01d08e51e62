"""The SQLite database of everything that must outlast a call: one connection, one transaction a change."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

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

MIGRATIONS: tuple[str, ...] = (_JOBS_AND_TAGS, _HOSTING)
"""What brings a database of version n to n + 1; SQLite's user_version says which have run."""


class Database:
    """Safe to use from any thread; whoever reads or changes holds the lock for that long."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._lock = threading.Lock()
        self._migrate()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for statements that change nothing."""
        with self._lock:
            yield self._connection

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """The connection within one transaction, undone should anything be raised."""
        with self._lock, self._connection:
            yield self._connection

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._connection.close()

    def _migrate(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            self._connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
