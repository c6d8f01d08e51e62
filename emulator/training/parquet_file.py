"""Parquet to rows, a few of them in memory at once. A missing value is no text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulator import errors
from emulator.training.rows import COLUMNS, LONGEST_CELL, Row, check_columns

PAGE_ROWS = 1_024
"""Rows that Parquet's writers put into a page whatever their size; a page is unpacked whole."""
LARGEST_PAGES = 256 * 1024**2
BATCH_BYTES = 64 * 1024**2
BATCH_ROWS = 64
LONGEST_SIGN = 4
"""Bytes of UTF-8."""


def read_parquet(file: Path, name: str) -> Iterator[Row]:
    """The rows of a file; `name` is what errors call it. Raises JobFailure, naming the file, and the row if known."""
    # Importing pyarrow starts a thread, and the process that is forked for each job must have none.
    import pyarrow as pa

    try:
        yield from _rows(file, name)
    except (pa.ArrowException, OSError, ValueError) as problem:  # a ValueError: names that are no UTF-8
        if isinstance(problem, OSError) and problem.errno is not None:
            raise  # the disk's own; pyarrow's OSError about content has no number
        raise errors.data_fault(name, None, f"it is not valid Parquet: {_one_line(problem)}") from None


def _rows(file: Path, name: str) -> Iterator[Row]:
    from pyarrow import parquet

    with parquet.ParquetFile(file, memory_map=True, pre_buffer=False) as table:
        _check_schema(table.schema_arrow, name)
        row = 1
        for group in range(table.num_row_groups):
            at_once = _rows_at_once(table.metadata.row_group(group), name, row)
            for batch in table.iter_batches(at_once, row_groups=[group], columns=list(COLUMNS), use_threads=False):
                columns = [(column, batch.column(column)) for column in COLUMNS]
                for index in range(batch.num_rows):
                    yield Row(*[_text(cells[index], name, row, column) for column, cells in columns])
                    row += 1


def _check_schema(schema: Any, name: str) -> None:
    """Before a row is read: what is no text may be nothing that Python can hold, as a date in the year 20,000."""
    from pyarrow import types

    check_columns(schema.names, name)
    for column in COLUMNS:
        kind = schema.field(column).type
        plain = kind.value_type if types.is_dictionary(kind) else kind
        if not (types.is_string(plain) or types.is_large_string(plain) or types.is_string_view(plain)):
            raise errors.column_not_text(name, column, str(kind))


def _rows_at_once(group: Any, name: str, row: int) -> int:
    """How many rows of a group fit into memory, whatever they hold. Raises JobFailure where its pages do not.

    A cell is no larger than its whole group, unpacked; but a group may say a cell once that all of its rows have.
    """
    # Asking pyarrow for a column's own size ends the process where the statistics beside it are broken.
    size: int = max(1, group.total_byte_size)
    pages = size * min(PAGE_ROWS, group.num_rows) // max(1, group.num_rows)
    if pages > LARGEST_PAGES:
        raise errors.row_group_too_large(name, row, pages // 1024**2, LARGEST_PAGES // 1024**2)
    return max(1, min(BATCH_ROWS, BATCH_BYTES // size))


def _text(cell: Any, name: str, row: int, column: str) -> str:
    """A cell's text, decoded here so that the row is known of one that is not UTF-8."""
    value = getattr(cell, "value", cell)  # an entry of a dictionary
    if not value.is_valid:
        raise errors.cell_not_text(name, row, column)
    content = value.as_buffer()
    if content.size > LONGEST_SIGN * LONGEST_CELL:
        raise errors.cell_too_long(name, row, column, LONGEST_CELL)
    try:
        text = str(content, "utf-8")
    except UnicodeDecodeError:
        raise errors.data_fault(name, row, "it is not UTF-8") from None
    if len(text) > LONGEST_CELL:
        raise errors.cell_too_long(name, row, column, LONGEST_CELL)
    return text


def _one_line(problem: BaseException) -> str:
    return " ".join(str(problem).split())
