"""Bodies in S3's aws-chunked form: each chunk signed after the one before it, or plain with a checksum at the end."""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from emulator import errors
from emulator.access.keys import Key
from emulator.access.recompute import chunk_signature
from emulator.access.sent import PIECE, same
from emulator.signature import Claim

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
FORMS = frozenset({SIGNED, f"{SIGNED}-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
"""What x-amz-content-sha256 says of a body in chunks."""

LONGEST_LINE = 8192
_EMPTY = hashlib.sha256().hexdigest()
_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?\r\n")
_CHECKSUM = "x-amz-checksum-"


@dataclass(frozen=True)
class _Chain:
    """Who signs the chunks: each signature covers the one before."""

    claim: Claim
    key: Key

    def of_chunk(self, previous: str, content_hash: str) -> str:
        return chunk_signature(self.claim, self.key, "AWS4-HMAC-SHA256-PAYLOAD", previous, _EMPTY, content_hash)

    def of_trailer(self, previous: str, content_hash: str) -> str:
        return chunk_signature(self.claim, self.key, "AWS4-HMAC-SHA256-TRAILER", previous, content_hash)


def check_chunks(body: BinaryIO, form: str, claim: Claim, key: Key) -> int:
    """Read a body through, and return how many bytes it holds; leaves it at its start.

    Raises IncompleteBody, SignatureDoesNotMatch or BadDigest.
    """
    body.seek(0)
    chain = _Chain(claim, key) if form.startswith(SIGNED) else None
    sums = _Checksums()
    length, previous = 0, claim.signature
    while True:
        size, given = _head(body, signed=chain is not None)
        content = hashlib.sha256()
        for piece in _pieces(body, size):
            content.update(piece)
            sums.update(piece)
        length += size
        if chain is not None:
            previous = _agreed(chain.of_chunk(previous, content.hexdigest()), given)
        if size == 0:
            break
        _expect(body, b"\r\n")
    if form.endswith("-TRAILER"):
        _check_trailer(body, sums, chain, previous)
    body.seek(0)
    return length


def _head(body: BinaryIO, *, signed: bool) -> tuple[int, str]:
    found = _HEAD.fullmatch(body.readline(LONGEST_LINE))
    if found is None or (found[2] is not None) is not signed:
        raise errors.access.s3_broken_chunks("a chunk does not begin with its size" + " and signature" * signed)
    return int(found[1], 16), (found[2] or b"").decode()


def _pieces(body: BinaryIO, size: int) -> Iterator[bytes]:
    while size:
        piece = body.read(min(size, PIECE))
        if not piece:
            raise errors.access.s3_broken_chunks("it ends within a chunk")
        size -= len(piece)
        yield piece


def _expect(body: BinaryIO, text: bytes) -> None:
    if body.read(len(text)) != text:
        raise errors.access.s3_broken_chunks("a chunk is longer than its size")


def _agreed(expected: str, given: str) -> str:
    if not same(expected, given):
        raise errors.access.s3_signature_does_not_match()
    return expected


def _check_trailer(body: BinaryIO, sums: "_Checksums", chain: _Chain | None, previous: str) -> None:
    """The headers after the last chunk: checksums of the content, and their signature."""
    lines = []
    while line := body.readline(LONGEST_LINE).strip():
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise errors.access.s3_broken_chunks("its trailer is no header")
        lines.append((name.strip().lower(), value.strip()))
    trailer = dict(lines)
    given = trailer.pop("x-amz-trailer-signature", "")
    if chain is not None:
        text = "".join(f"{name}:{value}\n" for name, value in trailer.items())
        _agreed(chain.of_trailer(previous, hashlib.sha256(text.encode()).hexdigest()), given)
    for name, value in trailer.items():
        if name.startswith(_CHECKSUM):
            sums.check(name.removeprefix(_CHECKSUM), value)


class _Checksums:
    """The checksums that a trailer may have and that Python can compute; CRC32C and CRC64NVME it cannot."""

    def __init__(self) -> None:
        self._crc = 0
        # not for security: S3's own choice of checksums
        self._digests: dict[str, Any] = {"sha1": hashlib.sha1(usedforsecurity=False), "sha256": hashlib.sha256()}

    def update(self, piece: bytes) -> None:
        self._crc = zlib.crc32(piece, self._crc)
        for digest in self._digests.values():
            digest.update(piece)

    def check(self, algorithm: str, given: str) -> None:
        computed: dict[str, Callable[[], bytes]] = {"crc32": lambda: self._crc.to_bytes(4, "big")}
        computed |= {name: digest.digest for name, digest in self._digests.items()}
        if algorithm in computed and not same(base64.b64encode(computed[algorithm]()).decode(), given):
            raise errors.access.s3_bad_digest(algorithm.upper())
