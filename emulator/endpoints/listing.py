"""Which models, endpoint configurations or endpoints a List call means."""

from dataclasses import dataclass
from typing import ClassVar

from emulator.storage import pages


@dataclass(frozen=True, kw_only=True)
class Query(pages.Query):
    """The members of the three List requests with their defaults.

    The documentation gives all the defaults but MaxResults of ListModels and ListEndpointConfigs, inferred from
    ListEndpoints.
    """

    CREATED_AFTER: ClassVar[str] = "created >= ?"  # "greater than or equal to" (documented)

    max_results: int = 10
    sort_by: str = "CreationTime"


def select(kind: str, region: str, query: Query) -> tuple[str, list[object]]:
    """The SQL of one page, a row more than asked for, and its parameters. Raises ValidationException for a token."""
    return pages.select("hosting", [("kind = ?", kind), ("region = ?", region), *query.filters], query.order)
