"""What a dataset is made of: rows of two texts."""

from collections.abc import Sequence
from typing import NamedTuple

from emulator import errors

COLUMNS = ("input", "output")
LONGEST_CELL = 32 * 1024**2
"""Characters. Python's CSV reader needs four bytes for each."""


class Row(NamedTuple):
    """One example: what the model reads and what it is to write."""

    input: str
    output: str


class Split(NamedTuple):
    """The rows that are trained on, and those that are held out."""

    training: list[Row]
    validation: list[Row]


def check_columns(found: Sequence[str], name: str) -> None:
    """Whether a file has the two columns, in any order, and no other. Raises JobFailure."""
    if sorted(found) != sorted(COLUMNS):
        raise errors.wrong_columns(name, found)
