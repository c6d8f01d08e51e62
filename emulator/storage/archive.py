"""A model's .tar.gz, or its files as they are, to a folder: known kinds, within bounds, and nothing outside of it."""

import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from emulator import errors

ALLOWED = (".safetensors", ".json", ".txt", ".model", ".jinja", ".md")
"""Weights, configuration, tokenizers, templates and what describes them: nothing of it is run when it is loaded."""

WEIGHTS = ".safetensors"
UNREAD = (".md",)
"""What an artifact may have in it and nothing here reads: it is not written."""

LONGEST_NAME = 200
LONGEST_READ = 1 << 20
"""In bytes: file contents are read in small pieces, so a longer read is a header made to fill the memory."""


@dataclass(frozen=True)
class Limits:
    """What an archive may come to: `total_bytes` once unpacked, headers included, and `files` with folders.

    `ratio` is how many times the archive's own size it may come to, once it has `free_bytes`: weights hardly shrink in
    gzip, a bomb does a thousandfold. `other_bytes` is for all files but weights.
    """

    total_bytes: int = 64 * 1024**3
    files: int = 1000
    ratio: int = 100
    free_bytes: int = 64 * 1024**2
    other_bytes: int = 512 * 1024**2

    def bytes_of(self, packed: int) -> int:
        """To how many bytes an archive of so many may unpack."""
        return min(self.total_bytes, max(self.free_bytes, packed * self.ratio))


_BROKEN = (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error, ValueError)

DEFAULT_LIMITS = Limits()


def unpack_model(archive: Path | BinaryIO, folder: Path, limits: Limits = DEFAULT_LIMITS, name: str = "") -> None:
    """Unpack an archive into a folder that is made for it, and removed again where the archive is refused.

    `name` is what errors call the archive. Raises JobFailure for an archive that is broken, too large, or has anything
    in it but plain files of the allowed kinds; OSError where the folder cannot be written.
    """
    told = name or (str(archive) if isinstance(archive, Path) else "the archive")
    folder.mkdir(parents=True)
    try:
        if isinstance(archive, Path):
            with archive.open("rb") as stream:
                _unpack(stream, folder, limits)
        else:
            _unpack(archive, folder, limits)
    except (_Refused, *_BROKEN) as problem:
        shutil.rmtree(folder)
        raise errors.model_archive_refused(told, str(problem) or type(problem).__name__) from problem
    except BaseException:
        shutil.rmtree(folder)
        raise


def gather_model(
    files: Mapping[str, str],
    folder: Path,
    fetch: Callable[[str, Path], None],
    name: str,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """The same of a model that is no archive: its files by their names, each fetched from its URI.

    Raises JobFailure where any of them does not belong in a model, or cannot be fetched.
    """
    folder.mkdir(parents=True)
    if len(files) > limits.files:
        raise errors.model_archive_refused(name, f"it has more than {limits.files} files")
    try:
        for file in files:
            _check_name(file)
            _check_kind(file)
    except _Refused as problem:
        raise errors.model_archive_refused(name, str(problem)) from problem
    for file, uri in files.items():
        if not file.lower().endswith(UNREAD):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            fetch(uri, folder / file)


class _Refused(Exception):
    """Why an archive is not unpacked any further."""


class _Bounded:
    """A decompressed stream that ends, as an error, at so many bytes: what a bomb would have gone on to is not read."""

    def __init__(self, stream: gzip.GzipFile, most: int) -> None:
        self._stream = stream
        self._most = most

    def read(self, size: int) -> bytes:
        if size > LONGEST_READ:
            raise _Refused(f"it has a header of {size} bytes")
        found = self._stream.read(size)
        self.check(self._stream.tell())
        return found

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, position: int) -> int:
        self.check(position)
        return self._stream.seek(position)

    def check(self, position: int) -> None:
        """Refuse to go so far."""
        if position > self._most:
            raise _Refused(f"it has more than {self._most} bytes once unpacked")


def _unpack(stream: BinaryIO, folder: Path, limits: Limits) -> None:
    most = limits.bytes_of(stream.seek(0, os.SEEK_END))
    stream.seek(0)
    others = 0
    with gzip.GzipFile(fileobj=stream, mode="rb") as plain:
        bounded = _Bounded(plain, most)
        # "r:" reads through us as it goes; "r|" would collect a header of any size by itself
        with tarfile.open(fileobj=bounded, mode="r:") as tar:  # type: ignore[call-overload]
            for number, member in enumerate(tar, 1):
                if number > limits.files:
                    raise _Refused(f"it has more than {limits.files} files")
                _check_member(member, folder)
                if member.size > most:
                    raise _Refused(f"{_shown(member.name)} has {member.size} bytes")
                bounded.check(bounded.tell() + member.size)
                others += 0 if member.name.lower().endswith(WEIGHTS) else member.size
                if others > limits.other_bytes:
                    raise _Refused(f"it has more than {limits.other_bytes} bytes beside weights")
                _write(tar, member, folder)
        while bounded.read(LONGEST_READ):  # tarfile stops at the tar's end: gzip's checksum comes after it
            pass


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """The content alone: no mode, no owner. tarfile's own filter for that is not in every Python 3.11."""
    place = folder / member.name
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    if place.suffix.lower() in UNREAD:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    assert content is not None  # noqa: S101 - it is a regular file, which has one
    with content, place.open("xb") as file:
        shutil.copyfileobj(content, file)


def _check_member(member: tarfile.TarInfo, folder: Path) -> None:
    path = PurePosixPath(member.name)
    _check_name(member.name)
    if member.isdir():
        if (folder / path).is_file():
            raise _Refused(f"{_shown(member.name)} is there twice, or is a folder and a file")
        return
    if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE}:
        raise _Refused(f"{_shown(member.name)} is no regular file, but {_kind(member)}")
    _check_kind(member.name)
    if any(place.exists() and not place.is_dir() for place in (folder / path, *(folder / path).parents)):
        raise _Refused(f"{_shown(member.name)} is there twice, or is a folder and a file")


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    if len(os.fsencode(name)) > LONGEST_NAME:
        raise _Refused(f"{_shown(name)}... is too long for a name")
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise _Refused(f"{_shown(name)} leads out of the folder")


def _check_kind(name: str) -> None:
    if PurePosixPath(name).suffix.lower() not in ALLOWED:
        raise _Refused(f"{_shown(name)} is none of {', '.join(f'*{suffix}' for suffix in ALLOWED)}")


def _kind(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return f"a link to {member.linkname[:100]!r}"
    return "a device" if member.isdev() else "a special file"


def _shown(name: str) -> str:
    return ascii(name[:100])
