"""Uploads in parts, where moto takes or tells what S3 does not: importing this is enough.

What is relied on of moto's inside: a `FakeMultipart` has its parts by number, is given the list that completes it as an
iterator, and answers for a page of its parts.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from moto.s3.exceptions import InvalidPartOrder
from moto.s3.models import FakeKey, FakeMultipart, S3Backend

_complete: Any = FakeMultipart.complete


def _completed(self: FakeMultipart, body: Iterator[tuple[int, str]]) -> Any:
    named = list(body)
    if any(number >= following for (number, _), (following, _) in pairwise(named)):
        raise InvalidPartOrder
    return _complete(self, iter(named))


def _list_parts(self: FakeMultipart, part_number_marker: int, max_parts: int) -> list[FakeKey]:
    """Parts may have any numbers, so a marker is no count of them."""
    numbers = [number for number in self.partlist if number > part_number_marker]
    return [self.parts[number] for number in numbers[:max_parts]]


def _is_truncated(self: S3Backend, bucket_name: str, multipart_id: str, next_part_number_marker: int) -> bool:
    return any(
        number > next_part_number_marker for number in self.get_bucket(bucket_name).multiparts[multipart_id].parts
    )


FakeMultipart.complete = _completed  # type: ignore[method-assign]
FakeMultipart.list_parts = _list_parts  # type: ignore[method-assign, assignment]
S3Backend.is_truncated = _is_truncated  # type: ignore[method-assign]
