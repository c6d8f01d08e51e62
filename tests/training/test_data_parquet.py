"""Parquet files through the API: their types, what takes memory, and every kind of broken file."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emulator.training.rows import LONGEST_CELL
from tests.support.datasets import HEADER, PARQUET, artifacts_of, counts, parquet, put, run
from tests.support.requests import BUCKET, channel
from tests.support.server import Server

FAR_TIMES = pa.array([9 * 10**18], pa.timestamp("us"))
NO_UTF_8 = pa.array([b"ok", b"\xff\xfe"], pa.binary()).view(pa.string())
LONG_PARQUET = parquet({side: [f"What is {n} plus {n}?" for n in range(200)] for side in ("input", "output")})


def test_parquet_gives_what_its_csv_twin_gives(training_server: Server) -> None:
    """The same rows as Parquet make the same metrics."""
    as_csv = run(training_server, "as-csv", channel("input/facts.csv"))
    as_parquet = run(training_server, "as-parquet", channel("input/facts.parquet", content_type=PARQUET))
    metrics = [job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"] for job in (as_csv, as_parquet)]
    assert metrics[0] == metrics[1]


def test_parquet_text_types_are_text(training_server: Server) -> None:
    """Large strings and dictionaries are strings too, in any order of the columns."""
    texts = pa.array([f"What is {n}?" for n in range(9)], pa.large_string())
    answers = pa.array(["It is even.", "It is odd."] * 4 + ["It is even."]).dictionary_encode()
    key = put(training_server, "types.parquet", parquet({"output": answers, "input": texts}))
    assert sum(counts(training_server, run(training_server, "types", channel(key, content_type=PARQUET)))) == 9


@pytest.mark.parametrize(
    ("name", "content", "content_type", "words"),
    [
        ("csv", "input,output\na,b\n", PARQUET, "it is not valid Parquet, as ContentType declares it"),
        ("nothing", "", PARQUET, "it is not valid Parquet, as ContentType declares it"),
        ("parquet", parquet({"input": ["a"], "output": ["b"]}), "text/csv", "it is Parquet; declare it"),
        ("torn", parquet({"input": ["a"], "output": ["b"]})[:-20], PARQUET, "it is not valid Parquet"),
        (
            "numbers",
            parquet({"input": ["a"], "output": [7]}),
            PARQUET,
            "column output is of type int64, which is no string",
        ),
        ("null", parquet({"input": ["a", None], "output": ["b", "c"]}), PARQUET, "row 2: column input holds None"),
        ("bytes", parquet({"input": ["a"], "output": [b"x"]}), PARQUET, "column output is of type binary"),
        ("extra", parquet({"input": ["a"], "output": ["b"], "m": ["c"]}), PARQUET, HEADER + '"input", "output", "m"'),
        ("no-columns", parquet({}), PARQUET, "its columns must be exactly input and output, but there are none"),
        (
            "year-285000",
            parquet({"input": FAR_TIMES, "output": ["b"]}),
            PARQUET,
            "is of type timestamp[us], which is no",
        ),
        (
            "not-utf8",
            parquet({"input": NO_UTF_8, "output": ["b"] * 2}),
            PARQUET,
            "form/not-utf8, row 2: it is not UTF-8",
        ),
        ("null-type", parquet({"input": ["a"], "output": [None]}), PARQUET, "column output is of type null"),
    ],
)
def test_file_that_is_not_what_it_should_be_fails(
    training_server: Server, name: str, content: str | bytes, content_type: str, words: str
) -> None:
    """A file of another format than its ContentType, or Parquet without two columns of text, is named in the reason."""
    key = put(training_server, f"form/{name}", content)
    job = run(training_server, f"form-{name}", channel(key, content_type=content_type), status="Failed")
    assert f"s3://{BUCKET}/form/{name}" in job["FailureReason"]
    assert words in job["FailureReason"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("middle-cut", LONG_PARQUET[: len(LONG_PARQUET) // 2] + LONG_PARQUET[-200:]),
        ("footer-of-x", b"PAR1" + b"x" * 100 + (50).to_bytes(4, "little") + b"PAR1"),
        ("page-header", LONG_PARQUET[:5] + b"\xff" * 40 + LONG_PARQUET[45:]),
        ("page", LONG_PARQUET[:60] + bytes(300) + LONG_PARQUET[360:]),
    ],
)
def test_broken_parquet_is_told_as_such(training_server: Server, name: str, content: bytes) -> None:
    """Whatever pyarrow raises at broken Parquet is a fault of the data, with the file, and no internal error."""
    key = put(training_server, f"broken/{name}", content)
    job = run(training_server, f"broken-{name}", channel(key, content_type=PARQUET), status="Failed")
    assert (
        f"ClientError: Unable to use the data in s3://{BUCKET}/{key}: it is not valid Parquet: " in job["FailureReason"]
    )


def test_parquet_groups_that_fill_memory_are_refused(training_server: Server) -> None:
    """Cells of 20 MB of which a page holds forty fail the job with the row where they begin, not by their memory."""
    few = [f"What is {n}?" for n in range(9)]
    many = [f"{n}" + "z" * 20_000_000 for n in range(40)]
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, pa.schema({"input": pa.string(), "output": pa.string()}), compression="zstd") as writer:
        for texts in (few, many):
            writer.write_table(pa.table({"input": texts, "output": ["It is."] * len(texts)}))
    key = put(training_server, "groups.parquet", sink.getvalue())
    job = run(training_server, "groups", channel(key, content_type=PARQUET), status="Failed")
    assert f"{key}, row 10: its row group, which begins here, is unpacked by 762 MiB at once" in job["FailureReason"]


def test_parquet_cell_that_all_rows_share_is_read_row_by_row(training_server: Server) -> None:
    """A cell of 20 MB that the file holds once, for four rows, is truncated as that of a CSV file is."""
    texts = ["z" * 20_000_000] * 4 + [f"What is {n}?" for n in range(9)]
    key = put(training_server, "shared.parquet", parquet({"input": texts, "output": ["It is."] * len(texts)}))
    job = run(training_server, "shared-cell", channel(key, content_type=PARQUET))
    assert artifacts_of(training_server, job).json("metrics.json")["counts"]["truncated_rows"] == 4


def test_parquet_cell_over_the_limit_is_refused(training_server: Server) -> None:
    """A cell has as many characters in Parquet as in CSV, and a longer one is named by its row."""
    texts = ["a", "z" * (LONGEST_CELL + 1)]
    key = put(training_server, "long-cell.parquet", parquet({"input": texts, "output": ["b", "c"]}))
    job = run(training_server, "long-cell", channel(key, content_type=PARQUET), status="Failed")
    assert f"{key}, row 2: column input holds more than {LONGEST_CELL} characters" in job["FailureReason"]
