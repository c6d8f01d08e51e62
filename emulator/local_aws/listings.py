"""Listings whose names are encoded, where a client asks for it: a name may have signs in it that XML has not.

What is relied on of moto's inside: `S3Response.serialized` is given an operation's result, whose name is in `data`. Of
ListObjects moto encodes the keys alone, and of ListObjectVersions nothing.
"""

from typing import Any
from urllib.parse import quote

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

_TEXTS = ("Delimiter", "Prefix", "Marker", "NextMarker", "KeyMarker", "NextKeyMarker")
_LISTS = {
    "ListObjects": ("CommonPrefixes",),
    "ListObjectVersions": ("Versions", "DeleteMarkers", "CommonPrefixes"),
}

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
