"""The tags of every resource that is ours, by ARN."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence

from emulator import errors
from emulator.storage.database import Database

MOST_TAGS = 50
"""Of one resource (AddTags documentation)."""

Owner = Callable[[sqlite3.Connection, str], bool]
"""Tells whether there is a resource of that ARN, whatever its case."""

_NONE: Mapping[str, str] = {}


class Tags:
    """Reads and changes tags. `owners` maps a type of resource, as ARNs name it, to who knows which there are."""

    def __init__(self, database: Database, owners: Mapping[str, Owner]) -> None:
        self._database = database
        self._owners = owners

    def of(self, arn: str) -> dict[str, str]:
        """The tags of a resource, in the order they were first given. Raises ValidationException where it is none."""
        with self._database.reading() as db:
            self._require(db, arn)
            return _read(db, arn)

    def change(self, arn: str, added: Mapping[str, str] = _NONE, removed: Sequence[str] = ()) -> dict[str, str]:
        """Add or overwrite tags of a resource and remove others; returns the tags after that.

        Raises ValidationException where there is no such resource, ResourceLimitExceeded for more than 50 tags.
        """
        with self._database.changing() as db:
            self._require(db, arn)
            db.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn.lower(), key) for key in removed])
            put_tags(db, arn, added)
            tags = _read(db, arn)
            if len(tags) > MOST_TAGS:
                raise errors.too_many_tags(MOST_TAGS)
            return tags

    def _require(self, db: sqlite3.Connection, arn: str) -> None:
        owner = self._owners.get(arn.split(":", 5)[5].partition("/")[0].lower())
        if owner is None or not owner(db, arn):
            raise errors.resource_not_found_for_tags(arn)


def put_tags(db: sqlite3.Connection, arn: str, tags: Mapping[str, str]) -> None:
    """Add or overwrite tags."""
    db.executemany(
        "INSERT INTO tags VALUES (?, ?, ?) ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
        [(arn.lower(), key, value) for key, value in tags.items()],
    )


def drop_tags(db: sqlite3.Connection, arn: str) -> None:
    """Forget the tags of a resource that is no more."""
    db.execute("DELETE FROM tags WHERE arn = ?", (arn.lower(),))


def describe_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """TagList."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_list(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a TagList."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def _read(db: sqlite3.Connection, arn: str) -> dict[str, str]:
    return dict(db.execute("SELECT key, value FROM tags WHERE arn = ? ORDER BY rowid", (arn.lower(),)))
