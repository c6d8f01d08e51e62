"""Files to rows: CSV and Parquet with exactly the columns `input` and `output`, read row by row.

An empty cell of a CSV file is an empty text, and a row like any other; a missing value in Parquet is no text.
"""

import csv
import random
import re
import reprlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from emulator import errors

COLUMNS = ("input", "output")
PARQUET = "x-application/vnd.amazon+parquet"
PARQUET_MAGIC = b"PAR1"
PARQUET_ROWS = 16
"""Rows that are unpacked at once."""
LONGEST_CELL = 32 * 1024**2
"""Characters. Python's CSV reader needs four bytes for each."""
LONGEST_HEADER = 1_000
LONGEST_QUOTE = 300

_NO_UTF_8 = re.compile("[\udc80-\udcff]")

csv.field_size_limit(LONGEST_CELL)


class Row(NamedTuple):
    """One example: what the model reads and what it is to write."""

    input: str
    output: str


class Split(NamedTuple):
    """The rows that are trained on, and those that are held out."""

    training: list[Row]
    validation: list[Row]


def read_rows(file: Path, name: str, content_type: str) -> Iterator[Row]:
    """The rows of a file; `name` is what errors call it. Raises JobFailure, naming the file and the row."""
    with file.open("rb") as content:
        is_parquet = content.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
    if content_type.strip().lower().startswith(PARQUET):
        if not is_parquet:
            raise errors.data_fault(name, None, "it is not valid Parquet, as ContentType declares it")
        return _read_parquet(file, name)
    if is_parquet:
        raise errors.data_fault(name, None, f"it is Parquet; declare it by the ContentType {PARQUET}")
    return _read_csv(file, name)


def split_rows(rows: Sequence[Row], fraction: float, seed: int) -> Split:
    """Hold out a random `fraction` of the rows, at least one; both sides keep the order of the file.

    Raises JobFailure where there are not two rows.
    """
    if len(rows) < 2:
        raise errors.too_few_rows(len(rows))
    count = min(max(1, round(len(rows) * fraction)), len(rows) - 1)
    held_out = set(random.Random(seed).sample(range(len(rows)), count))  # noqa: S311 - a split is no secret
    training = [row for index, row in enumerate(rows) if index not in held_out]
    return Split(training, [rows[index] for index in sorted(held_out)])


def _read_csv(file: Path, name: str) -> Iterator[Row]:
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
    header = _next_line(csv.reader([line], strict=len(line) < LONGEST_HEADER), name, None) or []
    _check_columns(header, name)
    return header


def _next_line(lines: Iterator[list[str]], name: str, row: int | None) -> list[str] | None:
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


def _read_parquet(file: Path, name: str) -> Iterator[Row]:
    # Importing pyarrow starts a thread, and the process that is forked for each job must have none.
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(file, memory_map=True, pre_buffer=False)
        _check_columns(table.schema_arrow.names, name)
        row = 1
        for batch in table.iter_batches(PARQUET_ROWS, columns=list(COLUMNS), use_threads=False):
            for cells in batch.to_pylist():
                for column, cell in cells.items():
                    if not isinstance(cell, str):
                        shown = reprlib.repr(cell)
                        raise errors.data_fault(name, row, f"column {column} holds {shown}, which is no string")
                yield Row(**cells)
                row += 1
    except pa.ArrowException as problem:
        raise errors.data_fault(name, None, f"it is not valid Parquet: {problem}") from None


def _check_columns(found: Sequence[str], name: str) -> None:
    if sorted(found) != sorted(COLUMNS):
        listed = ", ".join(found)
        listed = listed if len(listed) <= LONGEST_QUOTE else listed[:LONGEST_QUOTE] + "..."
        raise errors.data_fault(name, None, f"its columns must be exactly input and output, but are: {listed}")
