"""CSV to rows. An empty cell is an empty text, and a row like any other."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from emulator import errors
from emulator.training.rows import LONGEST_CELL, Row, check_columns

HEADER = 0
"""The row that errors call the header."""
LONGEST_HEADER = 1_000

_NO_UTF_8 = re.compile("[\udc80-\udcff]")

csv.field_size_limit(LONGEST_CELL)


def read_csv(file: Path, name: str) -> Iterator[Row]:
    """The rows of a file; `name` is what errors call it. Raises JobFailure, naming the file and the row."""
    # Bytes that are no UTF-8 come through as lone surrogates, so that the row they stand in can be named.
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        header = _read_header(text, name)
        lines = csv.reader(text, strict=True)
        row = 1
        while (cells := _next_line(lines, name, row)) is not None:
            if cells:  # a blank line is no row
                yield _row(header, cells, name, row)
                row += 1


def _read_header(text: TextIO, name: str) -> list[str]:
    """The first line. A file that has none to speak of may be one line of any length, so little of it is read."""
    line = text.readline(LONGEST_HEADER)
    if not line:
        raise errors.data_fault(name, None, "the file is empty; its first line must be the header input,output")
    if not line.strip():
        raise errors.data_fault(name, None, "its first line is blank; it must be the header input,output")
    _check_encoding(line, name)
    header = _next_line(csv.reader([line], strict=len(line) < LONGEST_HEADER), name, HEADER) or []
    check_columns(header, name)
    return header


def _check_encoding(line: str, name: str) -> None:
    if line.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        raise errors.data_fault(name, HEADER, "it is not UTF-8, but begins as UTF-16 does")
    if _NO_UTF_8.search(line):
        raise errors.data_fault(name, HEADER, "it is not UTF-8")
    if "\0" in line:
        raise errors.data_fault(
            name, HEADER, "it is not UTF-8 text: it has NUL characters, as UTF-16 and binaries have"
        )


def _next_line(lines: Iterator[list[str]], name: str, row: int) -> list[str] | None:
    try:
        return next(lines, None)
    except csv.Error as problem:
        raise errors.data_fault(name, row, f"it is not valid CSV: {problem}") from None


def _row(header: list[str], cells: list[str], name: str, row: int) -> Row:
    if len(cells) != len(header):
        raise errors.data_fault(name, row, f"it has {len(cells)} cells, where the header has {len(header)}")
    if any(_NO_UTF_8.search(cell) for cell in cells):
        raise errors.data_fault(name, row, "it is not UTF-8")
    return Row(**dict(zip(header, cells, strict=True)))
