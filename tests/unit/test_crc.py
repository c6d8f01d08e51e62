"""Checksums that Python has not, against the definition, bit by bit."""

import random
from collections.abc import Callable

import pytest

from emulator.s3.crc import Crc, crc32c, crc64nvme

REFLECTED: dict[Callable[[], Crc], int] = {crc32c: 0x82F63B78, crc64nvme: 0x9A6C9329AC4BC9B5}


def checksum(make: Callable[[], Crc], *pieces: bytes) -> str:
    """Of pieces that follow each other."""
    made = make()
    for piece in pieces:
        made.update(piece)
    return str(made.digest().hex())


def by_definition(polynomial: int, size: int, content: bytes) -> str:
    """One bit after the other, as the specifications have it."""
    most = int("ff" * size, 16)
    value = most
    for byte in content:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
    return (value ^ most).to_bytes(size, "big").hex()


@pytest.mark.parametrize(("make", "known"), [(crc32c, "e3069283"), (crc64nvme, "ae8b14860a799888")])
def test_known_values(make: Callable[[], Crc], known: str) -> None:
    """The value that catalogues give for the nine digits, at once and in pieces."""
    assert checksum(make, b"123456789") == checksum(make, b"1", b"", b"2345678", b"9") == known


@pytest.mark.parametrize("make", [crc32c, crc64nvme])
@pytest.mark.parametrize("length", [0, 1, 8, 9, 10, 29, 30, 300, 9_180, 9_181, 20_000, 140_000])
def test_lengths_about_the_distances(make: Callable[[], Crc], length: int) -> None:
    """Contents shorter and longer than the distances at which they are folded have the checksum of the definition."""
    content = random.Random(length).randbytes(length)  # noqa: S311 - any bytes will do
    known = by_definition(REFLECTED[make], len(make().digest()), content)
    assert checksum(make, content) == checksum(make, content[: length // 3], content[length // 3 :]) == known
