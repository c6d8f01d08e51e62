"""FailureReason texts about the form of a job's data, beside the general `data_fault`."""

from collections.abc import Sequence

from emulator.errors.failures import data_fault
from emulator.errors.kinds import JobFailure, listed
from emulator.errors.quoting import printable, quoted_names


@listed("inferred", "the developer guide names the two columns, not the words")
def wrong_columns(file: str, names: Sequence[str]) -> JobFailure:
    """A file with columns other than the two."""
    found = f"are: {quoted_names(names)}" if names else "there are none"
    return data_fault(file, None, f"its columns must be exactly input and output, but {found}")


@listed("inferred", "each side needs a row to be trained or measured on")
def no_rows(uri: str, channel: str) -> JobFailure:
    """A channel whose files have a header, or a schema, and nothing else."""
    return data_fault(uri, None, f"it has no rows, and the {channel} channel needs some")


@listed("inferred", "documented: Gzip is allowed on tabular data only")
def compressed_data(file: str) -> JobFailure:
    """A file that was compressed before its upload."""
    return data_fault(
        file,
        None,
        "it is gzip-compressed, and text generation takes no compressed data; unpack it before the upload (gunzip)",
    )


@listed("inferred", "a cell of Parquet that is no text")
def column_not_text(file: str, column: str, kind: str) -> JobFailure:
    """A column of Parquet whose type is not text; `kind` is the type."""
    return data_fault(file, None, f"column {column} is of type {printable(kind)[:100]}, which is no string")


@listed("inferred", "a cell of Parquet that is no text")
def cell_not_text(file: str, row: int, column: str) -> JobFailure:
    """A missing value."""
    return data_fault(file, row, f"column {column} holds None, which is no string")


@listed("ours", "no model reads such a text, and memory must hold it")
def cell_too_long(file: str, row: int, column: str, limit: int) -> JobFailure:
    """A cell of Parquet over the limit that CSV has too."""
    return data_fault(file, row, f"column {column} holds more than {limit} characters")


@listed("ours", "a tokenizer without a token for what it does not know")
def row_without_tokens(file: str, row: int, model: str) -> JobFailure:
    """A text that a model cannot read; `model` is what it is and where it is from."""
    return data_fault(file, row, f"the tokenizer of {printable(model)[:300]} has no token for something in it")


@listed("ours", "Parquet is unpacked by pages, which are as large as their writer made them")
def row_group_too_large(file: str, row: int, found: int, limit: int) -> JobFailure:
    """Parquet that takes too much memory before its first row is there; both sizes in MiB, `row` where it begins."""
    return data_fault(
        file,
        row,
        f"its row group, which begins here, is unpacked by {found} MiB at once, and at most {limit} MiB fit. "
        "Write the file with smaller row groups, or shorten its longest cells",
    )
