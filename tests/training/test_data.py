"""What becomes of data through the API: files and prefixes, splits, and every kind of broken file."""

import gzip
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emulator.training.rows import LONGEST_CELL
from tests.support.requests import BUCKET, channel, text_generation, with_value
from tests.support.server import Server
from tests.training.recompute import Artifacts

ONE_EPOCH = {"TextGenerationHyperParameters": {"epochCount": "1"}}
PARQUET = "x-application/vnd.amazon+parquet"
HEADER = "its columns must be exactly input and output, but are: "


def put(server: Server, key: str, content: str | bytes) -> str:
    """Store an object in the test bucket and return its key."""
    body = content.encode() if isinstance(content, str) else content
    server.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return key


def parquet(columns: dict[str, Any]) -> bytes:
    """A Parquet file of these columns."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


FAR_TIMES = pa.array([9 * 10**18], pa.timestamp("us"))
NO_UTF_8 = pa.array([b"ok", b"\xff\xfe"], pa.binary()).view(pa.string())
LONG_PARQUET = parquet({side: [f"What is {n} plus {n}?" for n in range(200)] for side in ("input", "output")})


def run(server: Server, name: str, *channels: dict[str, Any], status: str = "Completed") -> dict[str, Any]:
    """Run a one-epoch job to its end."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, *channels, **ONE_EPOCH))
    return server.wait(name, status)


def artifacts_of(server: Server, job: dict[str, Any]) -> Artifacts:
    """What a completed job left in S3."""
    return Artifacts(server.client("s3"), job["BestCandidate"]["InferenceContainers"][0]["ModelDataUrl"])


def rows(number: int, begin: int = 0) -> str:
    """So many CSV lines."""
    return "".join(f"What is {n}?,It is {n}.\n" for n in range(begin, begin + number))


def counts(server: Server, job: dict[str, Any]) -> tuple[int, int]:
    """Training and validation rows of a completed job."""
    found = artifacts_of(server, job).json("metrics.json")["counts"]
    return found["training_rows"], found["validation_rows"]


def test_validation_channel_is_held_out_whole(training_server: Server) -> None:
    """With two channels every row of each goes where its channel says."""
    put(training_server, "two/train.csv", "input,output\n" + rows(12))
    put(training_server, "two/valid.csv", "input,output\n" + rows(5, 100))
    job = run(training_server, "two", channel("two/train.csv"), channel("two/valid.csv", "validation"))
    assert counts(training_server, job) == (12, 5)
    shown = [row["input"] for row in artifacts_of(training_server, job).predictions()]
    assert shown == [f"What is {n}?" for n in range(100, 105)]


def test_validation_fraction_decides_the_split(training_server: Server) -> None:
    """ValidationFraction of the rows is held out, at random."""
    put(training_server, "fraction.csv", "input,output\n" + rows(20))
    request = with_value(text_generation("fraction", channel("fraction.csv"), **ONE_EPOCH), "DataSplitConfig", {})
    request["DataSplitConfig"]["ValidationFraction"] = 0.45
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = training_server.wait("fraction", "Completed")
    assert counts(training_server, job) == (11, 9)
    shown = [row["input"] for row in artifacts_of(training_server, job).predictions()]
    assert shown != [f"What is {n}?" for n in range(9)]
    assert shown != [f"What is {n}?" for n in range(11, 20)]


def test_prefix_means_every_object_under_it(training_server: Server) -> None:
    """All objects under a prefix are read, in the order of their keys; folder placeholders are none."""
    put(training_server, "many/", "")
    put(training_server, "many/a.csv", "input,output\n" + rows(6))
    put(training_server, "many/deep/b.csv", "output,input\nIt is so.,Is it?\n")
    job = run(training_server, "many", channel("many/"))
    assert sum(counts(training_server, job)) == 7


def test_quoting_byte_order_mark_and_newlines_in_cells(training_server: Server) -> None:
    """A cell's text comes through to the letter: quotes, commas, newlines, other alphabets, a BOM before the header."""
    cells = ['He said "no", twice', "line one\nline two\r\nline three", "größe 中文 🎉", " spaces ", "a,b,,c"]
    lines = "".join(f'"{cell.replace(chr(34), chr(34) * 2)}","{number}"\r\n' for number, cell in enumerate(cells))
    put(training_server, "quoting.csv", ("\ufeffinput,output\r\n" + lines).encode())
    put(training_server, "one.csv", "input,output\n" + rows(4))
    job = run(training_server, "quoting", channel("one.csv"), channel("quoting.csv", "validation"))
    assert [row["input"] for row in artifacts_of(training_server, job).predictions()] == cells


def test_parquet_gives_what_its_csv_twin_gives(training_server: Server) -> None:
    """The same rows as Parquet make the same metrics."""
    as_csv = run(training_server, "as-csv", channel("input/facts.csv"))
    as_parquet = run(training_server, "as-parquet", channel("input/facts.parquet", content_type=PARQUET))
    metrics = [job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"] for job in (as_csv, as_parquet)]
    assert metrics[0] == metrics[1]


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
        ("gzip", gzip.compress(b"input,output\na,b\n"), "bad/gzip.csv: it is gzip-compressed"),
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


def test_long_key_leaves_room_for_the_row(training_server: Server) -> None:
    """A key of nearly 1,024 characters is shortened in its middle, so that the row and the cause are there."""
    key = put(training_server, "/".join(["k" * 200] * 4) + "/" + "z" * 150 + ".csv", "input,output\na,b\nc\n")
    job = run(training_server, "long-key", channel(key), status="Failed")
    assert f"in s3://{BUCKET}/kkk" in job["FailureReason"]
    assert job["FailureReason"].endswith("zzz.csv, row 2: it has 1 cells, where the header has 2")


def test_parquet_text_types_are_text(training_server: Server) -> None:
    """Large strings and dictionaries are strings too, in any order of the columns."""
    texts = pa.array([f"What is {n}?" for n in range(9)], pa.large_string())
    answers = pa.array(["It is even.", "It is odd."] * 4 + ["It is even."]).dictionary_encode()
    key = put(training_server, "types.parquet", parquet({"output": answers, "input": texts}))
    assert sum(counts(training_server, run(training_server, "types", channel(key, content_type=PARQUET)))) == 9


def test_each_file_under_a_prefix_must_have_the_form(training_server: Server) -> None:
    """One file of another form among several fails the job, and the reason names that file."""
    put(training_server, "mixed/a.csv", "input,output\n" + rows(5))
    put(training_server, "mixed/b.csv", "input,answer\n" + rows(5))
    job = run(training_server, "mixed", channel("mixed/"), status="Failed")
    assert f's3://{BUCKET}/mixed/b.csv: {HEADER}"input", "answer"' in job["FailureReason"]


def test_validation_channel_must_have_the_form(training_server: Server) -> None:
    """A validation channel with another schema fails the job, and the reason names its file."""
    put(training_server, "schema/train.csv", "input,output\n" + rows(5))
    put(training_server, "schema/valid.csv", "question,answer\n" + rows(5))
    channels = channel("schema/train.csv"), channel("schema/valid.csv", "validation")
    job = run(training_server, "schema", *channels, status="Failed")
    assert f's3://{BUCKET}/schema/valid.csv: {HEADER}"question", "answer"' in job["FailureReason"]


@pytest.mark.parametrize("empty_channel", ["training", "validation"])
def test_channel_without_rows_fails(training_server: Server, empty_channel: str) -> None:
    """Both channels need a row, and the reason names the one that has none."""
    put(training_server, "norows/full.csv", "input,output\n" + rows(5))
    put(training_server, "norows/none.csv", "input,output\n")
    keys = {"training": "norows/full.csv", "validation": "norows/full.csv", empty_channel: "norows/none.csv"}
    channels = [channel(key, kind) for kind, key in keys.items()]
    job = run(training_server, f"norows-{empty_channel}", *channels, status="Failed")
    words = f"s3://{BUCKET}/norows/none.csv: it has no rows, and the {empty_channel} channel needs some"
    assert words in job["FailureReason"]


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


def test_row_limit_counts_both_channels(training_server: Server) -> None:
    """More rows than the base model allows, over both channels, fail the job (documented: Falcon7B 1,000)."""
    put(training_server, "limit/train.csv", "input,output\n" + rows(900))
    put(training_server, "limit/valid.csv", "input,output\n" + rows(101))
    channels = channel("limit/train.csv"), channel("limit/valid.csv", "validation")
    job = run(training_server, "limit", *channels, status="Failed")
    assert "The dataset has more than 1000 rows; Falcon7BInstruct supports at most 1000." in job["FailureReason"]


def test_too_many_truncated_rows_fail(training_server: Server) -> None:
    """More than 60% of the rows over the context limit fail the job (documented)."""
    long = "word " * 1500
    put(training_server, "long.csv", "input,output\n" + f"{long},b\n" * 7 + rows(3))
    job = run(training_server, "long-rows", channel("long.csv"), status="Failed")
    assert "7 of 10 rows are longer than the context limit of 1024 tokens" in job["FailureReason"]


def test_some_truncated_rows_are_truncated(training_server: Server) -> None:
    """Up to 60% of the rows are truncated, counted, and trained on."""
    put(training_server, "some.csv", "input,output\n" + f"{'word ' * 1500},b\n" * 3 + rows(7))
    job = run(training_server, "some-long", channel("some.csv"))
    assert artifacts_of(training_server, job).json("metrics.json")["counts"]["truncated_rows"] == 3


def test_object_removed_after_create_fails_the_job(training_server: Server) -> None:
    """Data that was there at create and is gone when the job begins fails it, and the reason names the URI."""
    put(training_server, "hog.csv", "input,output\n" + rows(400))
    put(training_server, "going.csv", "input,output\n" + rows(4))
    sagemaker = training_server.client("sagemaker")
    sagemaker.create_auto_ml_job_v2(**text_generation("hog", channel("hog.csv"), **ONE_EPOCH))
    sagemaker.create_auto_ml_job_v2(**text_generation("going", channel("going.csv"), **ONE_EPOCH))
    training_server.client("s3").delete_object(Bucket=BUCKET, Key="going.csv")
    job = training_server.wait("going", "Failed")
    assert f"s3://{BUCKET}/going.csv: there is no object under it" in job["FailureReason"]


def test_output_bucket_that_is_not_there_fails_the_job(training_server: Server) -> None:
    """An S3OutputPath that cannot be written fails the job, and the reason names the object."""
    put(training_server, "few.csv", "input,output\n" + rows(4))
    request = text_generation("no-output", channel("few.csv"), **ONE_EPOCH)
    request["OutputDataConfig"]["S3OutputPath"] = "s3://no-such-bucket/out"
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = training_server.wait("no-output", "Failed")
    assert "Unable to write s3://no-such-bucket/out/no-output/" in job["FailureReason"]
    assert "NoSuchBucket" in job["FailureReason"]
    assert "Failed to upload" not in job["FailureReason"]


def test_diverging_training_fails_with_advice(training_server: Server) -> None:
    """A learning rate that makes the loss infinite fails the job and says what to change, or completes in numbers."""
    put(training_server, "diverge.csv", "input,output\n" + rows(40))
    values = {"epochCount": "10", "batchSize": "1", "learningRate": "1", "learningRateWarmupSteps": "0"}
    request = text_generation("diverge", channel("diverge.csv"), TextGenerationHyperParameters=values)
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = training_server.wait("diverge", "Failed", "Completed")
    if job["AutoMLJobStatus"] == "Failed":
        assert "Lower learningRate" in job["FailureReason"]
