"""`--reuse-results`: what was run before is not run again, and says so."""

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.base_models.catalogue import registry
from emulator.s3.layout import parse_s3_uri
from emulator.testing import AutoMLEmulator, RunningEmulator
from tests.recordings.test_replay import read
from tests.support.requests import BUCKET, channel, text_generation

ROWS = "input,output\n" + "".join(f"What is {n} plus 1?,It is {n + 1}.\n" for n in range(20))
ONE_EPOCH = {"TextGenerationHyperParameters": {"epochCount": "1"}}


@pytest.fixture(scope="module", name="emulator")
def _emulator() -> Iterator[AutoMLEmulator]:
    with AutoMLEmulator(device="cpu", reuse_results=True) as emulator:
        emulator.client("s3").create_bucket(Bucket=BUCKET)
        for key, rows in (("a.csv", ROWS), ("same.csv", ROWS), ("other.csv", ROWS.replace("plus", "and"))):
            emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=rows.encode())
        yield emulator


def run(emulator: RunningEmulator, name: str, key: str = "a.csv") -> tuple[dict[str, Any], str | None]:
    """The candidate of a job that fine-tunes for an epoch, and of which job it is a copy."""
    emulator.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, channel(key), **ONE_EPOCH))
    candidate: dict[str, Any] = emulator.wait(name)["BestCandidate"]
    return candidate, candidate["InferenceContainers"][0]["Environment"].get("AUTOML_EMULATOR_REPLAYED")


def test_same_job_is_answered_from_the_stored_run(emulator: AutoMLEmulator) -> None:
    """Same data under another name, same model and hyperparameters: the same metrics, and artifacts of its own."""
    first, copy_of = run(emulator, "first")
    assert copy_of is None
    second, copy_of = run(emulator, "second", "same.csv")
    assert copy_of == "arn:aws:sagemaker:us-east-1:123456789012:automl-job/first"
    assert second["CandidateProperties"] == first["CandidateProperties"]
    uris = emulator.job("second")["artifacts"]
    assert all("/second/" in uri for uri in uris.values())
    assert '"replayed"' in read(emulator, uris["metrics.json"])
    assert f"replayed from {copy_of}" in read(emulator, uris["training.log"]).splitlines()[0]
    originals = emulator.job("first")["artifacts"]
    sizes = [emulator.client("s3").head_object(**_place(uris["model.tar.gz"]))["ETag"] for uris in (uris, originals)]
    assert sizes[0] == sizes[1]


def test_other_data_are_trained_on(emulator: AutoMLEmulator) -> None:
    """A single different cell is another job."""
    _, copy_of = run(emulator, "other-data", "other.csv")
    assert copy_of is None


def test_another_seed_is_trained_with(emulator: AutoMLEmulator) -> None:
    """The seed decides what a fine-tune comes to, so another one is another job."""
    emulator.seed(7)
    _, copy_of = run(emulator, "other-seed")
    assert copy_of is None
    assert '"seed": 7' in read(emulator, emulator.job("other-seed")["artifacts"]["metrics.json"])


def test_run_whose_artifacts_were_deleted_is_run_again(emulator: AutoMLEmulator) -> None:
    """What is not there any more cannot be copied."""
    emulator.seed(8)
    run(emulator, "deleted")
    emulator.client("s3").delete_object(**_place(emulator.job("deleted")["artifacts"]["loss_history.json"]))
    _, copy_of = run(emulator, "again")
    assert copy_of is None


def test_copy_of_another_region_names_its_own_registry(emulator: AutoMLEmulator) -> None:
    """A run answers jobs of every region, and each candidate's image is of its job's region."""
    emulator.seed(9)
    original, _ = run(emulator, "here")
    away = RunningEmulator(emulator.endpoint_url, "af-south-1")
    copied, copy_of = run(away, "there")
    away.close()
    assert copy_of == "arn:aws:sagemaker:us-east-1:123456789012:automl-job/here"
    images = [candidate["InferenceContainers"][0]["Image"] for candidate in (original, copied)]
    path = images[0].partition("/")[2]
    assert images == [f"{registry(region)}/{path}" for region in ("us-east-1", "af-south-1")]


def _place(uri: str) -> dict[str, str]:
    location = parse_s3_uri(uri)
    return {"Bucket": location.bucket, "Key": location.key}
