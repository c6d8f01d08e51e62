"""What can be told of a database's file before it is opened, which could change it.

The fields of its header are https://www.sqlite.org/fileformat.html's.
"""

from pathlib import Path

from emulator.storage.refused import DataDirRefused

_MAGIC = b"SQLite format 3\x00"
_LENGTH = 100
_PAYLOAD_FRACTIONS = bytes((64, 32, 32))
_MOST_VERSIONS = 1_000
"""Formats are counted one by one: a number beyond is none that anybody wrote."""


def check_file(file: Path, newest: int) -> None:
    """Pass for a file that may be a database of a version up to `newest`. Raises DataDirRefused, OSError."""
    if not file.exists():
        return
    with file.open("rb") as content:
        header = content.read(_LENGTH)
    if not header:  # as SQLite leaves one that was killed before its first transaction
        return
    if not header.startswith(_MAGIC):
        raise foreign(file)
    version = int.from_bytes(header[60:64], "big")
    if not _is_whole(header) or version > _MOST_VERSIONS:
        raise damaged(file, "its header is none of SQLite's")
    if version > newest:
        raise newer(file, version, newest)


def foreign(file: Path) -> DataDirRefused:
    """It is something else."""
    return DataDirRefused(f"{file} is not a database of automl-emulator. Move it away, or use another --data-dir.")


def newer(file: Path, version: int, newest: int) -> DataDirRefused:
    """This version would not understand it."""
    return DataDirRefused(
        f"{file} was written by a newer automl-emulator (format {version}; this one knows up to {newest}). Use that "
        "version, or another --data-dir."
    )


def damaged(file: Path | None, cause: str) -> DataDirRefused:
    """It was one of ours."""
    return DataDirRefused(
        f"The database {file} is damaged: {cause}. Put a copy of it in its place, move it away to begin without its "
        "jobs (files in s3/ are objects all the same), or use another --data-dir."
    )


def _is_whole(header: bytes) -> bool:
    """Whether the fields that SQLite fixes have values that it writes."""
    page = int.from_bytes(header[16:18], "big")
    return (
        len(header) == _LENGTH
        and (page == 1 or (512 <= page <= 32_768 and page & (page - 1) == 0))
        and {header[18], header[19]} <= {1, 2}
        and header[21:24] == _PAYLOAD_FRACTIONS
        and int.from_bytes(header[44:48], "big") <= 4
        and int.from_bytes(header[56:60], "big") <= 3
        and not any(header[72:92])
    )
