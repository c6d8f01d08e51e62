"""What a server keeps, and the folder in which it does: one server at a time."""

import fcntl
import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from emulator import errors
from emulator.storage.database import MIGRATIONS, Database
from emulator.storage.database_file import check_file
from emulator.storage.refused import DataDirRefused

RUNS = "automl-emulator-runs"
"""The folder in a data directory that is emptied at each start and end: so its name is nobody else's."""

_DATABASE = "emulator.db"
_SEEDED = frozenset({"s3"})
"""What a user may have put there before the first start."""
_IGNORE_ALL = "*\n"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Data:
    """The database, and the folder of S3; in memory there is none, and nothing to lock."""

    database: Database
    objects: Path | None = None
    lock: int | None = None

    def check(self) -> None:
        """Pass while the directory is there: what was removed takes everything, and keeps nothing of it.

        Raises InternalFailure.
        """
        if self.objects is None:
            return
        folder = self.objects.parent
        if not (os.path.exists(self.objects) and os.path.exists(folder / _DATABASE)):
            logger.error("the data directory %s was removed, so calls that create are refused", folder)
            raise errors.data_dir_removed(str(folder))

    def close(self) -> None:
        """Let another server have it."""
        self.database.close()
        if self.lock is not None:
            os.close(self.lock)


def open_data(folder: Path) -> Data:
    """A locked data directory, made where there is none.

    The kernel lets go of the lock when this process ends, however it ends. Nothing is written before it is known that
    the database is one that this version can read. Raises DataDirRefused where another server has the directory, or it
    cannot be used.
    """
    database, objects = folder / _DATABASE, folder / "s3"
    try:
        check_file(database, len(MIGRATIONS))
        folder.mkdir(parents=True, exist_ok=True)
        new = {path.name for path in folder.iterdir()} <= _SEEDED
        lock = _locked(folder)
        try:
            objects.mkdir(exist_ok=True)
            if new:
                (folder / ".gitignore").write_text(_IGNORE_ALL, encoding="utf-8")
            return Data(Database(database), objects, lock)
        except BaseException:
            os.close(lock)
            raise
    except (OSError, sqlite3.Error) as problem:
        cause = getattr(problem, "strerror", None) or problem
        raise DataDirRefused(f"The data directory {folder} cannot be used: {cause}.") from problem


def _locked(folder: Path) -> int:
    """A descriptor that holds the lock; no process that is started inherits it."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise DataDirRefused(
            f"Another server uses the data directory {folder}. End it, or give this one another --data-dir (or "
            "--in-memory)."
        ) from None
    return lock
