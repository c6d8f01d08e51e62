"""The models, endpoint configurations and endpoints, in the database."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Generic, TypeVar

from emulator import errors
from emulator.endpoints.listing import Query, select
from emulator.endpoints.record import Deployment, Endpoint, EndpointConfig, EndpointStatus, Model, Resource, Variant
from emulator.endpoints.serving import ModelToServe
from emulator.protocol import arn_of
from emulator.storage import pages
from emulator.storage.database import Database
from emulator.storage.tags import drop_tags, put_tags

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Kind(Generic[R]):
    """How one kind of resource is kept, and what is told of one that is not there, or is there already."""

    name: str
    parse: Callable[[dict[str, Any]], R]
    missing: Callable[[str], errors.ApiError]
    exists: Callable[[str], errors.ApiError]


class Records(Generic[R]):
    """The resources of one kind by region and name, whose case does not count. Every change is one transaction."""

    def __init__(self, database: Database, account: str, kind: Kind[R]) -> None:
        self._database = database
        self._account = account
        self._kind = kind

    def add(self, record: R, tags: Mapping[str, str]) -> None:
        """Keep a new resource and its tags. Raises ValidationException where the name is taken."""
        with self._database.changing() as db:
            try:
                db.execute("INSERT INTO hosting VALUES (?, ?, ?, ?, ?, ?, ?)", self._row(record))
            except sqlite3.IntegrityError:
                raise self._kind.exists(record.arn) from None
            put_tags(db, record.arn, tags)

    def ensure(self, record: R) -> None:
        """Keep a new resource without tags, unless there is one of its name."""
        with self._database.changing() as db:
            db.execute("INSERT OR IGNORE INTO hosting VALUES (?, ?, ?, ?, ?, ?, ?)", self._row(record))

    def get(self, region: str, name: str) -> R:
        """The resource of that name. Raises ValidationException."""
        with self._database.reading() as db:
            return self._read(db, region, name)

    def change(self, region: str, name: str, step: Callable[[R], R]) -> R:
        """Replace a resource by what `step` makes of it, and return it. Raises ValidationException."""
        with self._database.changing() as db:
            record = step(self._read(db, region, name))
            db.execute("REPLACE INTO hosting VALUES (?, ?, ?, ?, ?, ?, ?)", self._row(record))
            return record

    def remove(self, region: str, name: str) -> None:
        """Forget a resource and its tags. Raises ValidationException."""
        with self._database.changing() as db:
            record = self._read(db, region, name)
            keys = (self._kind.name, region, name.lower())
            db.execute("DELETE FROM hosting WHERE kind = ? AND region = ? AND key = ?", keys)
            drop_tags(db, record.arn)

    def page(self, region: str, query: Query) -> tuple[list[R], str | None]:
        """One page of resources, and the token of the next one where there is one."""
        statement, parameters = select(self._kind.name, region, query)
        with self._database.reading() as db:
            rows = db.execute(statement, parameters).fetchall()
        found = [self._kind.parse(json.loads(record)) for (record,) in rows[: query.max_results]]
        return found, self._token(query, found[-1]) if len(rows) > query.max_results else None

    def all(self) -> list[R]:
        """The resources of all regions."""
        with self._database.reading() as db:
            rows = db.execute("SELECT record FROM hosting WHERE kind = ?", (self._kind.name,)).fetchall()
        return [self._kind.parse(json.loads(record)) for (record,) in rows]

    def owns(self, db: sqlite3.Connection, arn: str) -> bool:
        """Whether there is a resource of that ARN, whatever its case."""
        try:
            return self._read(db, arn.split(":")[3], arn.rpartition("/")[2]).arn.lower() == arn.lower()
        except errors.ApiError:
            return False

    def _read(self, db: sqlite3.Connection, region: str, name: str) -> R:
        row = db.execute(
            "SELECT record FROM hosting WHERE kind = ? AND region = ? AND key = ?",
            (self._kind.name, region, name.lower()),
        ).fetchone()
        if row is None:
            raise self._kind.missing(arn_of(self._kind.name, region, self._account, name))
        return self._kind.parse(json.loads(row[0]))

    def _row(self, record: R) -> tuple[object, ...]:
        modified, status = (record.modified, record.status) if isinstance(record, Endpoint) else (record.created, "")
        key = record.name.lower()
        return (self._kind.name, record.region, key, record.created, modified, status, json.dumps(asdict(record)))

    def _token(self, query: Query, last: R) -> str:
        key = last.name.lower()
        values = {"Name": key, "CreationTime": last.created, "Status": getattr(last, "status", "")}
        return pages.next_token(query.order, values[query.sort_by], key)


class Hosting:
    """All three kinds, side by side."""

    def __init__(self, database: Database, account: str) -> None:
        self.models = Records(database, account, _MODELS)
        self.configs = Records(database, account, _CONFIGS)
        self.endpoints = Records(database, account, _ENDPOINTS)


def _endpoint(content: dict[str, Any]) -> Endpoint:
    endpoint = Endpoint(**content)
    return replace(
        endpoint,
        status=EndpointStatus(content["status"]),
        live=content["live"] and _deployment(content["live"]),
        pending=content["pending"] and _deployment(content["pending"]),
    )


def _deployment(content: dict[str, Any]) -> Deployment:
    variants, shadows = (
        tuple(Variant(**variant | {"model": ModelToServe(**variant["model"])}) for variant in content.pop(member, ()))
        for member in ("variants", "shadows")
    )
    return Deployment(**content, variants=variants, shadows=shadows)


_MODELS = Kind("model", lambda content: Model(**content), errors.model_not_found, errors.model_exists)
_CONFIGS = Kind(
    "endpoint-config",
    lambda content: EndpointConfig(**content),
    errors.endpoint_config_not_found,
    errors.endpoint_config_exists,
)
_ENDPOINTS = Kind("endpoint", _endpoint, errors.endpoint_not_found, errors.endpoint_exists)
