"""Uploads in parts, where moto takes or tells what S3 does not: importing this is enough.

What is relied on of moto's inside: a `FakeMultipart` has its parts by number, is given the list that completes it as an
iterator, and answers for a page of its parts; `S3Response._key_response` answers whatever names a key.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from moto.s3.exceptions import InvalidPartOrder, NoSuchUpload
from moto.s3.models import FakeKey, FakeMultipart, S3Backend
from moto.s3.responses import S3Response

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


_key_response: Any = S3Response._key_response


def _of_its_own_uploads(self: S3Response, request: Any, full_url: str) -> Any:
    """An upload is its key's: whoever names it with another would write to an object that the request does not name."""
    named = request.args.get("uploadId")
    if named:
        bucket = self.backend.get_bucket(self.parse_bucket_name_from_url(request, full_url))
        upload = bucket.multiparts.get(named)
        if upload is not None and upload.key_name != self.parse_key_name():
            raise NoSuchUpload(upload_id=named)
    return _key_response(self, request, full_url)


S3Response._key_response = _of_its_own_uploads  # type: ignore[method-assign]
FakeMultipart.complete = _completed  # type: ignore[method-assign]
FakeMultipart.list_parts = _list_parts  # type: ignore[method-assign, assignment]
S3Backend.is_truncated = _is_truncated  # type: ignore[method-assign]
