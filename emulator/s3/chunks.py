"""Bodies in S3's aws-chunked form: chunks that tell their size, and headers after the last of them."""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from emulator import errors

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
FORMS = frozenset({SIGNED, f"{SIGNED}-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
"""What x-amz-content-sha256 says of a body in chunks."""

PIECE = 1 << 20
LONGEST_LINE = 8192
_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?\r\n")
_OF_NOBODY = re.compile(rb";chunk-signature=[^\r\n]*")  # whatever it is, where nobody asks for signatures
_SIGNATURE = "x-amz-trailer-signature"


class Seal(Protocol):
    """Whoever checks the signatures of chunks; each method raises SignatureDoesNotMatch."""

    def check_chunk(self, content_hash: str, given: str) -> None:
        """The next chunk has this SHA-256, and came with this signature."""

    def check_trailer(self, content_hash: str, given: str) -> None:
        """So have the headers at the end."""


def read_chunks(
    body: BinaryIO, form: str, take: Callable[[bytes], None], seal: Seal | None = None
) -> tuple[int, dict[str, str]]:
    """Read a body through, handing on its content; returns the content's length, and the headers after it.

    Leaves the body at its start. Raises IncompleteBody, and what the seal does.
    """
    body.seek(0)
    length = 0
    while True:
        size, given = _head(body, sealed=seal is not None, signed=form.startswith(SIGNED))
        content = hashlib.sha256() if seal is not None else None
        for piece in _pieces(body, size):
            take(piece)
            if content is not None:
                content.update(piece)
        length += size
        if seal is not None and content is not None and form.startswith(SIGNED):
            seal.check_chunk(content.hexdigest(), given)
        if size == 0:
            break
        _expect(body, b"\r\n")
    trailer = _trailer(body, form, seal) if form.endswith("-TRAILER") else {}
    body.seek(0)
    return length, trailer


def _head(body: BinaryIO, *, sealed: bool, signed: bool) -> tuple[int, str]:
    line = body.readline(LONGEST_LINE)
    if signed and not sealed:
        line = _OF_NOBODY.sub(b"", line)
    found = _HEAD.fullmatch(line)
    if found is None or (found[2] is not None) is not (signed and sealed):
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


def _trailer(body: BinaryIO, form: str, seal: Seal | None) -> dict[str, str]:
    """The headers after the last chunk, without their signature."""
    lines = []
    while line := body.readline(LONGEST_LINE).strip():
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise errors.access.s3_broken_chunks("its trailer is no header")
        lines.append((name.strip().lower(), value.strip()))
    trailer = dict(lines)
    given = trailer.pop(_SIGNATURE, "")
    if seal is not None and form.startswith(SIGNED):
        text = "".join(f"{name}:{value}\n" for name, value in trailer.items())
        seal.check_trailer(hashlib.sha256(text.encode()).hexdigest(), given)
    return trailer
