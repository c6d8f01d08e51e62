"""Files to rows: CSV and Parquet with exactly the columns `input` and `output`, read row by row."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from emulator import errors
from emulator.training.csv_file import read_csv
from emulator.training.parquet_file import read_parquet
from emulator.training.rows import Row, Split

__all__ = ["Row", "Split", "read_rows", "split_rows"]

PARQUET = "x-application/vnd.amazon+parquet"
PARQUET_MAGIC = b"PAR1"
GZIP_MAGIC = b"\x1f\x8b"


def read_rows(file: Path, name: str, content_type: str) -> Iterator[Row]:
    """The rows of a file; `name` is what errors call it. Raises JobFailure, naming the file and the row."""
    with file.open("rb") as content:
        magic = content.read(len(PARQUET_MAGIC))
    if magic.startswith(GZIP_MAGIC):
        raise errors.compressed_data(name)
    if content_type.strip().lower().startswith(PARQUET):
        if magic != PARQUET_MAGIC:
            raise errors.data_fault(name, None, "it is not valid Parquet, as ContentType declares it")
        return read_parquet(file, name)
    if magic == PARQUET_MAGIC:
        raise errors.data_fault(name, None, f"it is Parquet; declare it by the ContentType {PARQUET}")
    return read_csv(file, name)


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
