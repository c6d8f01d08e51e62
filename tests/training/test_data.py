"""What becomes of data through the API: files and prefixes, channels and splits, and their limits."""

import math

import pytest

from emulator.problem_types.text_generation.facts import TEXT_GENERATION
from tests.support.datasets import HEADER, ONE_EPOCH, artifacts_of, counts, put, rows, run
from tests.support.requests import BUCKET, channel, text_generation, with_value
from tests.support.server import Server


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
    """All objects under a prefix are read, in the order of their keys, but for empty ones that only mark something."""
    for marker in ("many/", "many/deep/", "many/_SUCCESS"):
        put(training_server, marker, "")
    put(training_server, "many/a.csv", "input,output\n" + rows(6))
    put(training_server, "many/deep/b.csv", "output,input\nIt is so.,Is it?\n")
    job = run(training_server, "many", channel("many/"))
    assert sum(counts(training_server, job)) == 7


def test_a_marker_with_content_is_a_file(training_server: Server) -> None:
    """An object called _SUCCESS that holds something is read, and an empty one of another name fails the job."""
    put(training_server, "spark/_SUCCESS", "done")
    put(training_server, "spark/part-0.csv", "input,output\n" + rows(5))
    job = run(training_server, "spark", channel("spark/"), status="Failed")
    assert f's3://{BUCKET}/spark/_SUCCESS: {HEADER}"done"' in job["FailureReason"]
    put(training_server, "hollow/_SUCCESS", "")
    put(training_server, "hollow/train.csv", "")
    job = run(training_server, "hollow", channel("hollow/"), status="Failed")
    assert f"s3://{BUCKET}/hollow/train.csv: the file is empty" in job["FailureReason"]


def test_a_prefix_of_markers_alone_has_no_data(training_server: Server) -> None:
    """Where nothing but empty markers is under a prefix, the job fails and the reason says so."""
    put(training_server, "marked/_SUCCESS", "")
    job = run(training_server, "marked", channel("marked/"), status="Failed")
    assert f"s3://{BUCKET}/marked/: there is no object under it but empty markers" in job["FailureReason"]


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


def test_diverging_training_fails_with_advice_or_completes_in_numbers(training_server: Server) -> None:
    """A learning rate far too high fails the job and says what to change, or completes with finite metrics."""
    put(training_server, "diverge.csv", "input,output\n" + rows(40))
    values = {"epochCount": "10", "batchSize": "1", "learningRate": "1", "learningRateWarmupSteps": "0"}
    request = text_generation("diverge", channel("diverge.csv"), TextGenerationHyperParameters=values)
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = training_server.wait("diverge", "Failed", "Completed")
    if job["AutoMLJobStatus"] == "Failed":
        assert "Lower learningRate" in job["FailureReason"]
        return
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert len(metrics) == len(TEXT_GENERATION.metrics)
    assert all(math.isfinite(metric["Value"]) for metric in metrics)
