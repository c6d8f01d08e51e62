"""Which jobs a ListAutoMLJobs call means, as one indexed SQL query a page."""

import base64
import json
from dataclasses import dataclass

from emulator import errors
from emulator.jobs.record import AutoMLJob

_COLUMNS = {"Name": "key", "CreationTime": "created", "Status": "status"}


@dataclass(frozen=True)
class JobQuery:
    """The members of ListAutoMLJobs with their defaults as AWS documents them; times are epoch seconds."""

    max_results: int = 100
    sort_by: str = "Name"
    sort_order: str = "Descending"
    name_contains: str | None = None
    status_equals: str | None = None
    creation_time_after: float | None = None
    creation_time_before: float | None = None
    last_modified_time_after: float | None = None
    last_modified_time_before: float | None = None
    next_token: str | None = None


def select(region: str, query: JobQuery) -> tuple[str, list[object]]:
    """The SQL of one page, a row more than asked for, and its parameters. Raises ValidationException for a token."""
    column = _COLUMNS[query.sort_by]
    descending = query.sort_order == "Descending"
    filters: list[tuple[str, object]] = [
        ("region = ?", region),
        ("instr(key, ?)", query.name_contains and query.name_contains.lower()),
        ("status = ?", query.status_equals),
        ("created > ?", query.creation_time_after),
        ("created < ?", query.creation_time_before),
        ("modified > ?", query.last_modified_time_after),
        ("modified < ?", query.last_modified_time_before),
    ]
    used = [(clause, value) for clause, value in filters if value is not None]
    clauses = [clause for clause, _ in used]
    parameters = [value for _, value in used]
    if query.next_token is not None:
        clauses.append(f"({column}, key) {'<' if descending else '>'} (?, ?)")
        parameters += _position(query)
    order = "DESC" if descending else "ASC"
    statement = (
        f"SELECT record FROM jobs WHERE {' AND '.join(clauses)} "  # noqa: S608 - only column names of ours
        f"ORDER BY {column} {order}, key {order} LIMIT {query.max_results + 1}"
    )
    return statement, parameters


def next_token(query: JobQuery, last: AutoMLJob) -> str:
    """An opaque token that continues after `last`, bound to the order it was made for."""
    value = {"Name": last.name.lower(), "CreationTime": last.created, "Status": last.status}[query.sort_by]
    position = [query.sort_by, query.sort_order, value, last.name.lower()]
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _position(query: JobQuery) -> list[object]:
    try:
        position = json.loads(base64.urlsafe_b64decode(query.next_token or ""))
        sort_by, sort_order, value, key = position
        f"{value}{key}".encode()  # a lone surrogate, which SQLite would choke on
    except (ValueError, TypeError, RecursionError):
        raise errors.invalid_next_token() from None
    kind = float if query.sort_by == "CreationTime" else str
    if [sort_by, sort_order] != [query.sort_by, query.sort_order] or not (type(value) is kind and type(key) is str):
        raise errors.invalid_next_token()
    return [value, key]
