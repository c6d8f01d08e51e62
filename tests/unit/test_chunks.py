"""Chunks signed one after the other, as S3's documentation computes them by example."""

import io

import pytest

from emulator.access.chunks import check_chunks
from emulator.access.keys import Key
from emulator.errors import ApiError
from emulator.s3.chunks import SIGNED
from emulator.signature import Claim

KEY = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CLAIM = Claim(KEY.id, "20130524T000000Z", "us-east-1", "s3", ("host",), SEED, in_query=False)
SIGNATURES = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
"""https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, 65 KiB of the letter a in two chunks."""


def body(sizes: tuple[int, ...] = (65536, 1024, 0), signatures: tuple[str, ...] = SIGNATURES) -> bytes:
    """The example's body, or one with another chunk in it."""
    return b"".join(
        f"{size:x};chunk-signature={signature}\r\n".encode() + b"a" * size + b"\r\n"
        for size, signature in zip(sizes, signatures, strict=True)
    )


def test_the_documented_example() -> None:
    """The documentation's three signatures are right, and the body is left at its start."""
    stream = io.BytesIO(body())
    assert check_chunks(stream, SIGNED, CLAIM, KEY) == 66560
    assert stream.tell() == 0


@pytest.mark.parametrize(
    "changed",
    [
        body().replace(b"aa\r\n", b"ab\r\n", 1),
        body((1024, 65536, 0)),
        body((65536, 0), (SIGNATURES[0], SIGNATURES[2])),
        body((65536, 1024, 0), (SIGNATURES[0], SIGNATURES[1], SEED)),
    ],
    ids=["content", "order", "left out", "end"],
)
def test_a_chunk_cannot_be_changed(changed: bytes) -> None:
    """Another content, another order, a chunk left out or another end breaks the chain."""
    with pytest.raises(ApiError, match="SignatureDoesNotMatch"):
        check_chunks(io.BytesIO(changed), SIGNED, CLAIM, KEY)


@pytest.mark.parametrize("changed", [body()[:-100], body()[:60000], b"", b"5\r\nhello\r\n0\r\n\r\n", b"x" * 100_000])
def test_what_is_not_in_signed_chunks(changed: bytes) -> None:
    """A body that ends early, or has no signed chunks at all, is incomplete."""
    with pytest.raises(ApiError, match="IncompleteBody"):
        check_chunks(io.BytesIO(changed), SIGNED, CLAIM, KEY)
