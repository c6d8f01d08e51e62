"""Which models, endpoint configurations or endpoints a List call means."""

from dataclasses import dataclass

from emulator.storage import pages

_COLUMNS = {"Name": "key", "CreationTime": "created", "Status": "status"}


@dataclass(frozen=True)
class Query:
    """The members of the three List requests with their defaults; times are epoch seconds.

    The documentation gives all the defaults but MaxResults of ListModels and ListEndpointConfigs, inferred from
    ListEndpoints.
    """

    max_results: int = 10
    sort_by: str = "CreationTime"
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


def select(kind: str, region: str, query: Query) -> tuple[str, list[object]]:
    """The SQL of one page, a row more than asked for, and its parameters. Raises ValidationException for a token."""
    filters: list[pages.Filter] = [
        ("kind = ?", kind),
        ("region = ?", region),
        ("instr(key, ?)", query.name_contains and query.name_contains.lower()),
        ("status = ?", query.status_equals),
        ("created >= ?", query.creation_time_after),  # "greater than or equal to" (documented)
        ("created < ?", query.creation_time_before),
        ("modified > ?", query.last_modified_time_after),
        ("modified < ?", query.last_modified_time_before),
    ]
    return pages.select("hosting", filters, query.order)
