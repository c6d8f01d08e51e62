"""Which jobs a ListAutoMLJobs call means, as one indexed SQL query a page."""

from dataclasses import dataclass

from emulator.jobs.record import AutoMLJob
from emulator.storage import pages


@dataclass(frozen=True, kw_only=True)
class JobQuery(pages.Query):
    """The members of ListAutoMLJobs with their defaults.

    The documentation gives all the defaults but that of MaxResults, for which its greatest value stands (inferred).
    """

    max_results: int = 100
    sort_by: str = "Name"


def select(region: str, query: JobQuery) -> tuple[str, list[object]]:
    """The SQL of one page, a row more than asked for, and its parameters. Raises ValidationException for a token."""
    return pages.select("jobs", [("region = ?", region), *query.filters], query.order)


def next_token(query: JobQuery, last: AutoMLJob) -> str:
    """An opaque token that continues after `last`, bound to the order it was made for."""
    value = {"Name": last.name.lower(), "CreationTime": last.created, "Status": last.status}[query.sort_by]
    return pages.next_token(query.order, value, last.name.lower())
