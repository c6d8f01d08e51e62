"""CSV files through the API: what is in their cells, and every kind of broken file."""

import gzip

import pytest

from tests.support.datasets import HEADER, artifacts_of, counts, put, rows, run
from tests.support.requests import BUCKET, channel
from tests.support.server import Server


def test_quoting_byte_order_mark_and_newlines_in_cells(training_server: Server) -> None:
    """A cell's text comes through to the letter: quotes, commas, newlines, other alphabets, a BOM before the header."""
    cells = ['He said "no", twice', "line one\nline two\r\nline three", "größe 中文 🎉", " spaces ", "a,b,,c"]
    lines = "".join(f'"{cell.replace(chr(34), chr(34) * 2)}","{number}"\r\n' for number, cell in enumerate(cells))
    put(training_server, "quoting.csv", ("\ufeffinput,output\r\n" + lines).encode())
    put(training_server, "one.csv", "input,output\n" + rows(4))
    job = run(training_server, "quoting", channel("one.csv"), channel("quoting.csv", "validation"))
    assert [row["input"] for row in artifacts_of(training_server, job).predictions()] == cells


def test_empty_cells_are_empty_texts(training_server: Server) -> None:
    """An empty cell of a CSV file is text without a character: its row is trained on or held out, and counted."""
    put(training_server, "cells/train.csv", "input,output\n,empty input\nempty output,\n" + rows(5))
    put(training_server, "cells/valid.csv", 'input,output\n"",\nx,y\n')
    job = run(training_server, "cells", channel("cells/train.csv"), channel("cells/valid.csv", "validation"))
    found = artifacts_of(training_server, job)
    assert counts(training_server, job) == (7, 2)
    assert found.json("metrics.json")["counts"]["empty_cells"] == 4
    assert found.predictions()[0]["reference"] == ""


def test_megabyte_cells_are_truncated(training_server: Server) -> None:
    """Cells of a megabyte are read to the model's limit, and their rows count as truncated."""
    big = "All work and no play. " * 50_000
    put(training_server, "big.csv", "input,output\n" + f"{big},short\nshort,{big}\n" + rows(8))
    job = run(training_server, "big-cells", channel("big.csv"))
    assert artifacts_of(training_server, job).json("metrics.json")["counts"]["truncated_rows"] == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty", "", "bad/empty.csv: the file is empty"),
        ("header-only", "input,output\n", "bad/header-only.csv: it has no rows, and the training channel needs some"),
        ("one-row", "input,output\na,b\n", "The dataset has 1 rows"),
        ("missing", "input\na\nb\n", HEADER + '"input"'),
        ("extra", "input,output,other\na,b,c\n", HEADER + '"input", "output", "other"'),
        ("twice", "input,output,output\na,b,c\n", HEADER + '"input", "output", "output"'),
        ("no-header", "What is 1?,It is 1.\n", HEADER + '"What is 1?", "It is 1."'),
        ("ragged", "input,output\na,b\nc,d\ne,f,g\n", "bad/ragged.csv, row 3: it has 3 cells, where the header has 2"),
        ("short-row", "input,output\na,b\nc\n", "bad/short-row.csv, row 2: it has 1 cells, where the header has 2"),
        ("open-quote", 'input,output\na,b\nc,"d\ne,f\n', "bad/open-quote.csv, row 2: it is not valid CSV"),
        ("not-utf8", b"input,output\na,b\nc,\xff\xfe\n", "bad/not-utf8.csv, row 2: it is not UTF-8"),
        ("not-utf8-header", b"inp\xfft,output\na,b\n", "bad/not-utf8-header.csv, header: it is not UTF-8"),
        (
            "utf16",
            "input,output\na,b\n".encode("utf-16"),
            "bad/utf16.csv, header: it is not UTF-8, but begins as UTF-16",
        ),
        ("utf16-no-mark", "input,output\na,b\n".encode("utf-16-le"), "header: it is not UTF-8 text: it has NUL"),
        ("gzip", gzip.compress(b"input,output\na,b\n", mtime=0), "bad/gzip.csv: it is gzip-compressed"),
        ("control", "in\x1bput,output\u202e\na,b\n", HEADER + '"in\\x1bput", "output\\u202e"'),
        ("blank-first-line", "\ninput,output\na,b\n", "bad/blank-first-line.csv: its first line is blank"),
        ("quoted-whole", '"input,output"\na,b\n', HEADER + '"input,output"'),
        ("two-marks", "\ufeff\ufeffinput,output\na,b\n", HEADER + '"\\ufeffinput", "output"'),
        ("open-quote-in-header", 'input,"output\na,b\n', "bad/open-quote-in-header.csv, header: it is not valid CSV"),
    ],
)
def test_broken_csv_fails_with_file_and_row(
    training_server: Server, name: str, content: str | bytes, words: str
) -> None:
    """A file that cannot be used fails the job with a FailureReason that names the file, the row and the fault."""
    key = put(training_server, f"bad/{name}.csv", content)
    job = run(training_server, f"bad-{name}", channel(key), status="Failed")
    assert words in job["FailureReason"]
    assert "ResolvedAttributes" not in job


def test_long_key_leaves_room_for_the_row(training_server: Server) -> None:
    """A key of nearly 1,024 characters is shortened in its middle, so that the row and the cause are there."""
    key = put(training_server, "/".join(["k" * 200] * 4) + "/" + "z" * 150 + ".csv", "input,output\na,b\nc\n")
    job = run(training_server, "long-key", channel(key), status="Failed")
    assert f"in s3://{BUCKET}/kkk" in job["FailureReason"]
    assert job["FailureReason"].endswith("zzz.csv, row 2: it has 1 cells, where the header has 2")
