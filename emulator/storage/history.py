"""The history of requests: the newest calls that changed something, or were refused when they tried."""

import logging
from dataclasses import dataclass

from emulator import errors
from emulator.storage.database import Database

KEPT = 10_000
"""So many calls; older ones are forgotten."""

LONGEST_NAME = 256

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """A call that is over.

    `time` is in epoch seconds, `name` that of the job or whatever else it was about, `error` the code that it got.
    """

    time: float
    operation: str
    region: str
    request_id: str
    name: str | None = None
    error: str | None = None


class History:
    """Durable with the database that it is in. Reading calls are not recorded: they are many, and leave no trace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, change: Change) -> None:
        """Record a call. That the disk does not take it is logged: what the call itself did stands."""
        name = None if change.name is None else _storable(change.name)
        row = (change.time, change.operation, change.region, change.request_id, name, change.error)
        try:
            with self._database.changing() as db:
                number = db.execute("INSERT INTO history VALUES (NULL, ?, ?, ?, ?, ?, ?)", row).lastrowid or 0
                db.execute("DELETE FROM history WHERE number <= ?", (number - KEPT,))
        except errors.ApiError as problem:
            logger.warning("request %s is not in the history: %s", change.request_id, problem.message)

    def newest(self, count: int) -> list[Change]:
        """So many calls at most, the newest first."""
        columns = "time, operation, region, request_id, name, error"
        statement = f"SELECT {columns} FROM history ORDER BY number DESC LIMIT ?"  # noqa: S608 - column names of ours
        with self._database.reading() as db:
            return [Change(*row) for row in db.execute(statement, (min(max(0, count), KEPT),))]


def _storable(name: str) -> str:
    """A name as it may come in a refused request: of any length, and with characters that are none."""
    return name[:LONGEST_NAME].encode(errors="replace").decode()
