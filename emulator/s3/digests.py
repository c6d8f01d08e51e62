"""Whether the content of an upload is the one whose digest its sender told, in headers or after it."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Set
from typing import Any

from emulator import errors
from emulator.refusals import WSGI
from emulator.s3.chunks import FORMS, PIECE, read_chunks
from emulator.s3.crc import crc32c, crc64nvme

_HEADER = "HTTP_X_AMZ_CHECKSUM_"
_TRAILER = "x-amz-checksum-"
_SIZES = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
"""In bytes, of the checksums that S3 knows."""
_MD5 = 16


class _Crc32:
    """zlib's function in the form of hashlib's objects."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, piece: bytes) -> None:
        self._value = zlib.crc32(piece, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


_COMPUTED: dict[str, Callable[[], Any]] = {
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "crc32": _Crc32,
    "crc32c": crc32c,
    "crc64nvme": crc64nvme,
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}


class Digests:
    """Those of one content; each is computed where it is told, or is to be told after the content."""

    def __init__(self, told: dict[str, bytes], later: Set[str] = frozenset()) -> None:
        self._told = told
        names = _COMPUTED.keys() & (told.keys() | later)
        self._digests = {name: _COMPUTED[name]() for name in names}

    def update(self, piece: bytes) -> None:
        """Take in a part of the content."""
        for digest in self._digests.values():
            digest.update(piece)

    def check(self, trailer: dict[str, str]) -> None:
        """Compare, once there is the whole content and what came after it.

        Raises BadDigest, InvalidRequest or MalformedTrailerError.
        """
        later = {name: value for name, value in _of_checksums(trailer).items() if name in _SIZES}
        if not later.keys() <= self._digests.keys():
            raise errors.s3.malformed_trailer()
        told = self._told | {name: _read(name, value) for name, value in later.items()}
        for name, digest in self._digests.items():
            if name in told and told[name] != digest.digest():
                raise errors.s3.bad_md5() if name == "md5" else errors.access.s3_bad_digest(name.upper())


def check_body(environ: WSGI) -> None:
    """Refuse a request to S3 whose body is not what its headers say. Leaves the body at its start.

    Raises InvalidDigest, InvalidRequest, BadDigest, IncompleteBody, MissingContentLength, MalformedTrailerError or
    NotImplemented.
    """
    if environ["REQUEST_METHOD"] not in {"PUT", "POST"}:
        environ.pop("HTTP_X_AMZ_CONTENT_SHA256", None)  # it may tell of chunks, which nothing but an upload comes in
        return
    form = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
    told = _told(environ)
    if form in FORMS:
        _check_chunks(environ, form, told)
    elif form.startswith("STREAMING-"):
        raise errors.s3.not_implemented()
    elif told.keys() & _COMPUTED.keys():
        digests = Digests(told)
        body = environ["wsgi.input"]
        body.seek(0)
        while piece := body.read(PIECE):
            digests.update(piece)
        body.seek(0)
        digests.check({})


def _check_chunks(environ: WSGI, form: str, told: dict[str, bytes]) -> None:
    announced = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH")
    if announced is None:
        raise errors.s3.no_decoded_length()
    digests = Digests(told, _announced(environ) if form.endswith("-TRAILER") else frozenset())
    length, trailer = read_chunks(environ["wsgi.input"], form, digests.update)
    if announced != str(length):
        raise errors.access.s3_broken_chunks(f"it holds {length} bytes, and not as many as announced")
    digests.check(trailer)


def _announced(environ: WSGI) -> Set[str]:
    """The checksums that are to come after the content: all, where a client does not say which."""
    named = environ.get("HTTP_X_AMZ_TRAILER")
    if named is None:
        return _COMPUTED.keys()
    return _of_checksums({name.strip().lower(): "" for name in named.split(",")}).keys()


def _of_checksums(headers: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix(_TRAILER): value for name, value in headers.items() if name.startswith(_TRAILER)}


def _told(environ: WSGI) -> dict[str, bytes]:
    """The digests of the body in the headers. Those of an upload in parts that is completed are the object's."""
    told = {}
    if "HTTP_CONTENT_MD5" in environ:
        md5 = _decoded(environ["HTTP_CONTENT_MD5"], _MD5)
        if md5 is None:
            raise errors.s3.invalid_md5()
        told["md5"] = md5
    if environ["REQUEST_METHOD"] == "PUT" and "HTTP_X_AMZ_COPY_SOURCE" not in environ:
        sums = {name: environ[_HEADER + name.upper()] for name in _SIZES if _HEADER + name.upper() in environ}
        if len(sums) > 1:
            raise errors.s3.several_checksums()
        told |= {name: _read(name, value) for name, value in sums.items()}
    return told


def _read(name: str, value: str) -> bytes:
    found = _decoded(value, _SIZES[name])
    if found is None:
        raise errors.s3.invalid_checksum(_TRAILER + name)
    return found


def _decoded(value: str, size: int) -> bytes | None:
    """So many bytes in base64; None where the text is anything else."""
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == size else None
