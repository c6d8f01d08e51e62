"""What the three List operations on hosting resources have in common."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from botocore import xform_name

from tests.support.server import Server

NAMES = ["b", "D", "c", "a", "e"]


@dataclass(frozen=True)
class Listed:
    """A List operation in a region that has resources made in the order of NAMES."""

    server: Server
    operation: str
    member: str
    name: str

    def names(self, **members: Any) -> list[str]:
        """The names on one page."""
        page = getattr(self.server.client("sagemaker"), xform_name(self.operation))(**members)
        return [one[self.name] for one in page[self.member]]

    def check_order(self) -> None:
        """The latest comes first by default; by name, case does not count."""
        assert self.names() == NAMES[::-1]
        assert self.names(SortOrder="Ascending") == NAMES
        assert self.names(SortBy="Name", SortOrder="Ascending") == ["a", "b", "c", "D", "e"]

    def check_filters(self, created: dict[str, Any]) -> None:
        """A name contains, a time is at or after, or before."""
        assert self.names(NameContains="d") == ["D"]
        assert self.names(CreationTimeAfter=created["c"]) == ["e", "a", "c"]
        assert self.names(CreationTimeBefore=created["c"]) == ["D", "b"]

    def check_pages(self) -> None:
        """boto3's paginator meets everything once, in order, on pages as long as asked for."""
        paginator = self.server.client("sagemaker").get_paginator(xform_name(self.operation))
        for size in (1, 2, 5):
            pages = [
                [one[self.name] for one in page[self.member]]
                for page in paginator.paginate(PaginationConfig={"PageSize": size})
            ]
            assert list(chain(*pages)) == NAMES[::-1]
            assert all(len(page) == size for page in pages[:-1])

    def check_default_size(self, region: str, make: Callable[[Server, str], None]) -> None:
        """Ten to a page where the request says nothing."""
        elsewhere = replace(self, server=replace(self.server, region=region))
        for number in range(11):
            make(elsewhere.server, f"n{number}")
        assert len(elsewhere.names()) == 10
