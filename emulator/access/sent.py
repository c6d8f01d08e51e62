"""A request as its sender signed it, from the WSGI environment."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import parse_qs

from emulator.refusals import WSGI
from emulator.s3.headers import METADATA_HEADERS

PIECE = 1 << 20
_TOKEN = "x-amz-security-token"  # noqa: S105 - a header's name
_PLAIN = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}


@dataclass(frozen=True)
class Sent:
    """The parts of a request that a signature is about; header names are in lower case."""

    method: str
    target: str
    query: str
    headers: dict[str, str]
    body: BinaryIO

    @property
    def token(self) -> str:
        """The session token, in a header or in the query; empty where there is none."""
        return self.headers.get(_TOKEN) or self.parameter("X-Amz-Security-Token")

    def parameter(self, name: str) -> str:
        """The first value of a parameter of the query; empty where there is none."""
        return parse_qs(self.query, keep_blank_values=True).get(name, [""])[0]

    def pieces(self) -> Iterator[bytes]:
        """The body from its start, in pieces: it may be larger than the memory. Leaves it at its start."""
        self.body.seek(0)
        while piece := self.body.read(PIECE):
            yield piece
        self.body.seek(0)

    def body_hash(self) -> str:
        """The SHA-256 of the body."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


def sent(environ: WSGI) -> Sent:
    """The request of an environment. Waitress gives bodies as files that can be read again."""
    headers = {_PLAIN.get(name) or _header(name): _text(value) for name, value in environ.items() if _is_header(name)}
    headers |= {name.lower(): _text(value) for name, value in environ.get(METADATA_HEADERS, {}).items()}
    return Sent(
        environ["REQUEST_METHOD"],
        environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/"),
        environ.get("QUERY_STRING", ""),
        headers,
        environ["wsgi.input"],
    )


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def _is_header(name: str) -> bool:
    return name.startswith("HTTP_") or name in _PLAIN


def _header(name: str) -> str:
    return name.removeprefix("HTTP_").replace("_", "-").lower()


def _text(value: str) -> str:
    """WSGI's Latin-1 back to what clients sign, which is UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
