"""Lists in pages: what is asked of them, one indexed SQL query a page, and tokens that continue after the last row."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from emulator import errors

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")

Row = TypeVar("Row")
Filter = tuple[str, object]
"""A condition with one place for a value; one whose value is None is left out."""


@dataclass(frozen=True)
class Order:
    """In which order a page goes, how long it is, and where it begins; `sort_by` is the API's word for `column`."""

    sort_by: str
    sort_order: str
    column: str
    size: int
    token: str | None = None


_COLUMNS = {"Name": "key", "CreationTime": "created", "Status": "status"}


@dataclass(frozen=True, kw_only=True)
class Query:
    """The members that List requests share; times are epoch seconds. Each of them has defaults of its own."""

    CREATED_AFTER: ClassVar[str] = "created > ?"

    max_results: int
    sort_by: str
    sort_order: str = "Descending"
    name_contains: str | None = None
    status_equals: str | None = None
    creation_time_after: float | None = None
    creation_time_before: float | None = None
    last_modified_time_after: float | None = None
    last_modified_time_before: float | None = None
    next_token: str | None = None

    @property
    def order(self) -> Order:
        """The order of the page."""
        return Order(self.sort_by, self.sort_order, _COLUMNS[self.sort_by], self.max_results, self.next_token)

    @property
    def filters(self) -> list[Filter]:
        """What every row of the page fulfils; names are told apart regardless of case."""
        return [
            ("instr(key, ?)", self.name_contains and self.name_contains.lower()),
            ("status = ?", self.status_equals),
            (self.CREATED_AFTER, self.creation_time_after),
            ("created < ?", self.creation_time_before),
            ("modified > ?", self.last_modified_time_after),
            ("modified < ?", self.last_modified_time_before),
        ]


def arguments(request: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a List request as keyword arguments: `MaxResults` becomes `max_results`."""
    return {_WORD_START.sub("_", member).lower(): value for member, value in request.items()}


def select(table: str, filters: Sequence[Filter], order: Order) -> tuple[str, list[object]]:
    """The SQL of one page of records, a row more than asked for, and its parameters.

    The table has the columns `record` and `key`, which settles the order of equals. Raises ValidationException for a
    token.
    """
    used = [(clause, value) for clause, value in filters if value is not None]
    clauses = [clause for clause, _ in used]
    parameters = [value for _, value in used]
    descending = order.sort_order == "Descending"
    if order.token is not None:
        clauses.append(f"({order.column}, key) {'<' if descending else '>'} (?, ?)")
        parameters += _position(order)
    direction = "DESC" if descending else "ASC"
    statement = (
        f"SELECT record FROM {table} WHERE {' AND '.join(clauses)} "  # noqa: S608 - only names of ours
        f"ORDER BY {order.column} {direction}, key {direction} LIMIT {order.size + 1}"
    )
    return statement, parameters


def next_token(order: Order, value: object, key: str) -> str:
    """An opaque token that continues after the row with this value and key, bound to the order it was made for."""
    position = [order.sort_by, order.sort_order, value, key]
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def page_of(
    rows: Sequence[Row], order: Order, place: Callable[[Row], tuple[object, str]]
) -> tuple[list[Row], str | None]:
    """One page of rows that no table holds, and the token of the next one where there is one.

    `place` tells a row's value in the column, and its key. Raises ValidationException for a token.
    """
    descending = order.sort_order == "Descending"
    ordered = sorted(rows, key=place, reverse=descending)
    if order.token is not None:
        last: Any = tuple(_position(order))
        ordered = [row for row in ordered if (place(row) < last if descending else place(row) > last)]
    page = ordered[: order.size]
    return page, next_token(order, *place(page[-1])) if len(ordered) > order.size else None


def _position(order: Order) -> list[object]:
    try:
        position = json.loads(_decoded(order.token or ""))
        sort_by, sort_order, value, key = position
        f"{value}{key}".encode()  # a lone surrogate, which SQLite would choke on
    except (ValueError, TypeError, RecursionError):
        raise errors.invalid_next_token() from None
    kind = float if order.sort_by.endswith("Time") else str
    if [sort_by, sort_order] != [order.sort_by, order.sort_order] or not (type(value) is kind and type(key) is str):
        raise errors.invalid_next_token()
    return [value, key]


def _decoded(token: str) -> bytes:
    """The content of a token, which is as it was given: base64 itself would overlook what does not belong there."""
    content = base64.urlsafe_b64decode(token)
    if base64.urlsafe_b64encode(content).decode() != token:
        raise ValueError(token)
    return content
