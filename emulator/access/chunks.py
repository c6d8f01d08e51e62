"""Bodies in S3's aws-chunked form whose chunks are each signed after the one before."""

import hashlib
from typing import BinaryIO

from emulator import errors
from emulator.access.keys import Key
from emulator.access.recompute import chunk_signature
from emulator.access.sent import same
from emulator.s3.chunks import read_chunks
from emulator.signature import Claim

_EMPTY = hashlib.sha256().hexdigest()


class _Chain:
    """Who signs the chunks: each signature covers the one before."""

    def __init__(self, claim: Claim, key: Key) -> None:
        self._claim, self._key = claim, key
        self._previous = claim.signature

    def check_chunk(self, content_hash: str, given: str) -> None:
        self._check("AWS4-HMAC-SHA256-PAYLOAD", given, _EMPTY, content_hash)

    def check_trailer(self, content_hash: str, given: str) -> None:
        self._check("AWS4-HMAC-SHA256-TRAILER", given, content_hash)

    def _check(self, kind: str, given: str, *hashes: str) -> None:
        expected = chunk_signature(self._claim, self._key, kind, self._previous, *hashes)
        if not same(expected, given):
            raise errors.access.s3_signature_does_not_match()
        self._previous = expected


def check_chunks(body: BinaryIO, form: str, claim: Claim, key: Key) -> int:
    """Read a body through, and return how many bytes it holds; leaves it at its start.

    Raises IncompleteBody or SignatureDoesNotMatch. Checksums are compared by whoever stores the content.
    """
    length, _ = read_chunks(body, form, lambda _: None, _Chain(claim, key))
    return length
