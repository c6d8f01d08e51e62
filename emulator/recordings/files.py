"""Reads the file of a recording, whatever there is in its place: no device, no pipe, and nothing without an end."""

import os
import stat
import zlib
from pathlib import Path

LARGEST = 64 * 2**20
"""In bytes, of a recording, unpacked: the predictions of a large validation set take a few."""

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 2**20


def read(file: Path) -> bytes:
    """The content of a file, unpacked where it is called `.gz`.

    Raises ValueError for what no recording can be, OSError where it cannot be read.
    """
    packed = _read_regular(file)
    if file.suffix != ".gz":
        return packed
    try:
        return _unpacked(packed)
    except zlib.error as problem:
        raise ValueError(f"it is no gzip file: {problem}") from None


def _read_regular(file: Path) -> bytes:
    _judge(os.stat(file))  # before it is opened, which does something to some devices
    with open(file, "rb", opener=_without_waiting) as opened:
        _judge(os.fstat(opened.fileno()))
        content = opened.read(LARGEST + 1)  # some files of /proc have no size
    if len(content) > LARGEST:
        raise ValueError(_too_large())
    return content


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _judge(state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise ValueError("it is no regular file")
    if state.st_size > LARGEST:
        raise ValueError(_too_large())


def _unpacked(packed: bytes) -> bytes:
    """All members of a gzip file, one after the other as `gzip` has it."""
    parts: list[bytes] = []
    size = 0
    while packed:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            part = member.decompress(packed, _CHUNK)
            packed = member.unconsumed_tail
            size += len(part)
            if size > LARGEST:
                raise ValueError(_too_large())
            if not part and not packed and not member.eof:
                raise zlib.error("it ends too early")
            parts.append(part)
        packed = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _too_large() -> str:
    return f"it is larger than the {LARGEST // 2**20} MiB that a recording may have"
