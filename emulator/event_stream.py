"""AWS's event stream encoding: messages with typed headers and check sums, as streaming operations send them."""

import json
import struct
import zlib
from collections.abc import Mapping

CONTENT_TYPE = "application/vnd.amazon.eventstream"

_STRING = 7
_CHECK_SUM = struct.Struct(">I")
_LENGTHS = struct.Struct(">II")


def event(kind: str, payload: bytes) -> bytes:
    """A message with a part of the answer."""
    headers = {":event-type": kind, ":content-type": "application/octet-stream", ":message-type": "event"}
    return _message(headers, payload)


def exception(kind: str, members: Mapping[str, str]) -> bytes:
    """A message that ends the stream with an error."""
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return _message(headers, json.dumps(members).encode())


def _message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Both lengths and their check sum, the headers, the payload, and the check sum of all."""
    encoded = b"".join(_header(name, value) for name, value in headers.items())
    around = _LENGTHS.size + 2 * _CHECK_SUM.size
    prelude = _LENGTHS.pack(around + len(encoded) + len(payload), len(encoded))
    message = prelude + _CHECK_SUM.pack(zlib.crc32(prelude)) + encoded + payload
    return message + _CHECK_SUM.pack(zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    key, content = name.encode(), value.encode()
    return struct.pack(">B", len(key)) + key + struct.pack(">BH", _STRING, len(content)) + content
