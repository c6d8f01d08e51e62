"""Copies whose conditions and ranges S3 looks at: importing this is enough.

What is relied on of moto's inside: `S3Response` answers CopyObject and UploadPartCopy by two methods, each of which
reads the source from the headers, and of the conditions one at most.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from moto.core.utils import str_to_rfc_1123_datetime
from moto.s3.exceptions import PreconditionFailed
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response

from emulator import errors

_BEFORE = "x-amz-copy-source-"
_LAST = re.compile(r"bytes=\d+-(\d+)")

_copy_object: Any = S3Response.copy_object
_upload_part_copy: Any = S3Response.upload_part_copy


def _copied(self: S3Response) -> Any:
    _check(_source(self), self.headers)
    return _copy_object(self)


def _part_copied(self: S3Response) -> Any:
    source = _source(self)
    _check(source, self.headers)
    last = _LAST.fullmatch(self.headers.get(f"{_BEFORE}range", ""))
    if source is not None and last is not None and int(last[1]) >= source.size:
        raise errors.s3.range_beyond_source(source.size)
    return _upload_part_copy(self)


def _source(self: S3Response) -> FakeKey | None:
    place = urlsplit(self.headers["x-amz-copy-source"])
    bucket, _, key = unquote(place.path).lstrip("/").partition("/")
    version = parse_qs(place.query).get("versionId", [None])[0]
    found: FakeKey | None = self.backend.get_object(bucket, key, version_id=version)
    return found


def _check(source: FakeKey | None, headers: Any) -> None:
    """Raises PreconditionFailed. Of an ETag and a time that contradict each other, the ETag counts."""
    if source is None:
        return
    changed = source.last_modified.replace(microsecond=0)
    pairs: list[tuple[str, Callable[[str], bool], str, Callable[[str], bool]]] = [
        ("if-match", lambda tag: _is_tag(source, tag), "if-unmodified-since", lambda text: changed <= _time(text)),
        (
            "if-none-match",
            lambda tag: not _is_tag(source, tag),
            "if-modified-since",
            lambda text: changed > _time(text),
        ),
    ]
    for by_tag, fits, by_time, is_so in pairs:
        tag, time = headers.get(_BEFORE + by_tag), headers.get(_BEFORE + by_time)
        if tag is not None and not fits(tag):
            raise PreconditionFailed(by_tag)
        if tag is None and time is not None and not is_so(time):
            raise PreconditionFailed(by_time)


def _is_tag(source: FakeKey, tag: str) -> bool:
    etag: str = source.etag
    return tag.strip('"') == etag.strip('"')


def _time(text: str) -> Any:
    return str_to_rfc_1123_datetime(text)


S3Response.copy_object = _copied  # type: ignore[method-assign]
S3Response.upload_part_copy = _part_copied  # type: ignore[method-assign]
