"""Which jobs a ListAutoMLJobs call means, as one indexed SQL query a page."""

from dataclasses import dataclass

from emulator.jobs.record import AutoMLJob
from emulator.storage import pages

_COLUMNS = {"Name": "key", "CreationTime": "created", "Status": "status"}


@dataclass(frozen=True)
class JobQuery:
    """The members of ListAutoMLJobs with their defaults; times are epoch seconds.

    The documentation gives all the defaults but that of MaxResults, for which its greatest value stands (inferred).
    """

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

    @property
    def order(self) -> pages.Order:
        """The order of the page."""
        return pages.Order(self.sort_by, self.sort_order, _COLUMNS[self.sort_by], self.max_results, self.next_token)


def select(region: str, query: JobQuery) -> tuple[str, list[object]]:
    """The SQL of one page, a row more than asked for, and its parameters. Raises ValidationException for a token."""
    filters: list[pages.Filter] = [
        ("region = ?", region),
        ("instr(key, ?)", query.name_contains and query.name_contains.lower()),
        ("status = ?", query.status_equals),
        ("created > ?", query.creation_time_after),
        ("created < ?", query.creation_time_before),
        ("modified > ?", query.last_modified_time_after),
        ("modified < ?", query.last_modified_time_before),
    ]
    return pages.select("jobs", filters, query.order)


def next_token(query: JobQuery, last: AutoMLJob) -> str:
    """An opaque token that continues after `last`, bound to the order it was made for."""
    value = {"Name": last.name.lower(), "CreationTime": last.created, "Status": last.status}[query.sort_by]
    return pages.next_token(query.order, value, last.name.lower())
