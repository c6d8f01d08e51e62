"""Listings of objects: in pages that end, without what is deleted, and with names encoded where a client asks for it.

What is relied on of moto's inside: `S3Backend.list_objects` finds keys and folders for both versions of ListObjects,
the second of which asks for all at once. `S3Response.serialized` is given an operation's result, whose name is in
`data`: of ListObjects moto encodes the keys alone, and of ListObjectVersions nothing.
"""

from typing import Any
from urllib.parse import quote

from moto.core.responses import ActionResult
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.responses import S3Response

MOST = 1000
"""Objects and folders of one page, whatever is asked for."""

_TEXTS = ("Delimiter", "Prefix", "Marker", "NextMarker", "KeyMarker", "NextKeyMarker")
_LISTS = {
    "ListObjects": ("CommonPrefixes",),
    "ListObjectVersions": ("Versions", "DeleteMarkers", "CommonPrefixes"),
}


def _list_objects(
    _: S3Backend,
    bucket: FakeBucket,
    prefix: str | None,
    delimiter: str | None,
    marker: str | None,
    max_keys: int | None,
) -> tuple[list[FakeKey], list[str], bool, str | None]:
    found = _found(bucket, prefix or "", delimiter or "", marker or "")
    names = sorted(found)
    page = names if max_keys is None else names[: min(max_keys, MOST)]
    keys = [key for name in page if (key := found[name]) is not None]
    is_truncated = 0 < len(page) < len(names)
    next_marker = page[-1] if is_truncated and delimiter else None  # without one, the last key is the marker
    return keys, [name for name in page if found[name] is None], is_truncated, next_marker


def _found(bucket: FakeBucket, prefix: str, delimiter: str, marker: str) -> dict[str, FakeKey | None]:
    """What is listed after a marker: keys, and folders, which are None and are not told again after themselves."""
    found: dict[str, FakeKey | None] = {}
    for name, key in bucket.keys.items():
        if name <= marker or not name.startswith(prefix) or isinstance(key, FakeDeleteMarker):
            continue
        first, between, _ = name[len(prefix) :].partition(delimiter) if delimiter else (name, "", "")
        if not between:
            found[name] = key
        elif (folder := prefix + first + between) != marker:
            found[folder] = None
    return found


_truncate_result: Any = S3Backend._truncate_result


def _truncated(self: S3Backend, result_keys: Any, max_keys: int) -> Any:
    return _truncate_result(self, result_keys, min(max_keys, MOST))


_serialized: Any = S3Response.serialized


def _with_encoded_names(self: S3Response, result: ActionResult) -> Any:
    lists = _LISTS.get(self.data.get("Action", ""))
    content: Any = result.result
    if lists is not None and isinstance(content, dict) and self.querystring.get("encoding-type") == ["url"]:
        _encode(content, *_TEXTS)
        for item in (item for name in lists for item in content.get(name) or ()):
            _encode(item, "Key", "Prefix")
        content["EncodingType"] = "url"
    return _serialized(self, result)


def _encode(texts: dict[str, Any], *names: str) -> None:
    for name in names:
        if texts.get(name):
            texts[name] = quote(texts[name])


S3Response.serialized = _with_encoded_names  # type: ignore[method-assign, assignment]
S3Backend.list_objects = _list_objects  # type: ignore[method-assign, assignment]
S3Backend._truncate_result = _truncated  # type: ignore[method-assign]
