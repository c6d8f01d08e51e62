"""Replay: jobs answered from recordings of real runs, which say so wherever they can."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from emulator import errors
from emulator.executors import FreshExecutor
from emulator.executors.fresh import FreshWorker
from emulator.jobs.record import TRANSITIONS, SecondaryStatus
from emulator.recordings.library import BUNDLED_FOLDER
from emulator.recordings.recording import load
from emulator.s3.layout import parse_s3_uri
from emulator.serving import Emulator
from emulator.settings import Settings
from emulator.testing import RunningEmulator
from tests.conftest import STUB_WORKER
from tests.support.requests import BUCKET, text_generation

BUNDLED = sorted(BUNDLED_FOLDER.glob("*.json"))
MODEL_NAMES = {"tiny-decoder": "Falcon7BInstruct", "tiny-encoder-decoder": "FlanT5L"}


@contextmanager
def replaying(executor: FreshExecutor | None = None, **settings: Any) -> Iterator[RunningEmulator]:
    """An emulator that cannot train: whatever it completes it has from a recording."""
    executor = executor or FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, in_memory=True, workers=4, **settings), executor) as emulator:
        running = RunningEmulator(emulator.url)
        running.client("s3").create_bucket(Bucket=BUCKET)
        running.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        yield running
        running.close()


@pytest.fixture(scope="module", name="bundled")
def _bundled() -> Iterator[RunningEmulator]:
    with replaying(replay="bundled") as emulator:
        yield emulator


def run(emulator: RunningEmulator, name: str, base_model: str = "Falcon7BInstruct", **tags: str) -> dict[str, Any]:
    """Create a job, and wait for its end."""
    request = text_generation(name, BaseModelName=base_model)
    sent = [{"Key": key, "Value": value} for key, value in tags.items()]
    emulator.client("sagemaker").create_auto_ml_job_v2(**request, Tags=sent)
    return emulator.wait(name, 30)


def read(emulator: RunningEmulator, uri: str) -> str:
    """The text of an object."""
    location = parse_s3_uri(uri)
    answer = emulator.client("s3").get_object(Bucket=location.bucket, Key=location.key)
    text: str = answer["Body"].read().decode()
    return text


@pytest.mark.parametrize("file", BUNDLED, ids=lambda file: file.stem)
def test_shipped_recording_is_one_and_small(file: Path) -> None:
    """Every recording that ships can be read, is a legal walk, has no path of a machine, and is under 200 KB."""
    recording = load(file)
    statuses = [SecondaryStatus.STARTING, *(SecondaryStatus(status) for status, _ in recording.walk)]
    assert all(following in TRANSITIONS[status] for status, following in pairwise(statuses))
    assert file.stat().st_size < 200_000
    text = file.read_text(encoding="utf-8")
    assert not [folder for folder in ("/home/", "/root/", "/work/", "site-packages") if folder in text]


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_create_is_answered_from_the_recording_of_its_model(bundled: RunningEmulator, name: str) -> None:
    """The candidate has the recorded metrics, and says in its Environment that it was replayed, and from where."""
    job = run(bundled, f"job-{name[:20]}", MODEL_NAMES[name])
    recording = load(BUNDLED_FOLDER / f"{name}.json")
    assert recording.candidate is not None
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert {metric["StandardMetricName"]: metric["Value"] for metric in metrics} == recording.candidate["metrics"]
    environment = job["BestCandidate"]["InferenceContainers"][0]["Environment"]
    assert environment["AUTOML_EMULATOR_REPLAYED"] == name
    assert f"/job-{name[:20]}/" in environment["AUTOML_EMULATOR_ARTIFACTS"]


def test_artifacts_say_that_they_were_replayed(bundled: RunningEmulator) -> None:
    """metrics.json and the log tell the recording; predictions and losses are the recorded ones; no model is faked."""
    run(bundled, "artifacts")
    uris = bundled.job("artifacts")["artifacts"]
    recording = load(BUNDLED_FOLDER / "tiny-decoder.json")
    summary = json.loads(read(bundled, uris["metrics.json"]))
    assert summary["job"] == "artifacts"
    assert summary["replayed"]["recording"] == "tiny-decoder"
    assert summary["replayed"]["model_stored"] is False
    log = read(bundled, uris["training.log"])
    assert "replayed from the recording tiny-decoder" in log.splitlines()[0]
    assert "model.tar.gz was not recorded" in log
    for name in ("loss_history.json", "validation_predictions.jsonl"):
        assert read(bundled, uris[name]) == recording.artifacts[name].text
    location = parse_s3_uri(uris["model.tar.gz"])
    assert bundled.client("s3").list_objects_v2(Bucket=location.bucket, Prefix=location.key)["KeyCount"] == 0


def test_failed_run_fails_again(bundled: RunningEmulator) -> None:
    """A recorded failure ends its job with the recorded reason, but for the ARN, which is the job's own."""
    reason = run(bundled, "bad-data-2")["FailureReason"]
    assert ":training-job/bad-data-2" in reason
    assert reason.endswith('its columns must be exactly input and output, but are: "input"')


def test_job_that_no_recording_matches_is_run(bundled: RunningEmulator) -> None:
    """Replay answers what it has recordings for, and nothing else."""
    job = run(bundled, "done-1", "MPT7B")
    assert "AUTOML_EMULATOR_REPLAYED" not in job["BestCandidate"]["InferenceContainers"][0]["Environment"]


def test_job_that_is_neither_recorded_nor_trained_says_both(tmp_path: Path) -> None:
    """Where PyTorch is missing, the reason of a job that no recording fits names the folder that was looked in."""

    class Untrained(FreshExecutor):
        def start(self, order_file: str, log_file: str) -> FreshWorker:  # noqa: ARG002 - as the protocol has it
            raise errors.training_unavailable("No module named 'torch'")

    shutil.copy(BUNDLED_FOLDER / "tiny-decoder.json", tmp_path / "run.json")
    with replaying(Untrained(), replay=str(tmp_path)) as emulator:
        reason = run(emulator, "other", "MPT7B")["FailureReason"]
    assert f"No recording in {tmp_path} answers this job (--replay). The emulator cannot train here: " in reason


def test_outcome_and_tag_name_a_recording(bundled: RunningEmulator) -> None:
    """An outcome replays a recording for a job of any model, and so does a job's tag."""
    bundled.outcomes.replay("done-rule", recording="tiny-encoder-decoder")
    tag = {"automl-emulator:outcome": "replay:tiny-decoder"}
    for name, tags, wanted in (("done-rule", {}, "tiny-encoder-decoder"), ("done-tag", tag, "tiny-decoder")):
        environment = run(bundled, name, "MPT7B", **tags)["BestCandidate"]["InferenceContainers"][0]["Environment"]
        assert environment["AUTOML_EMULATOR_REPLAYED"] == wanted


def test_region_of_the_image_is_the_jobs(bundled: RunningEmulator) -> None:
    """A recording answers jobs of any region."""
    elsewhere = RunningEmulator(bundled.endpoint_url, "eu-west-1")
    job = run(elsewhere, "elsewhere")
    assert ".eu-west-1." in job["BestCandidate"]["InferenceContainers"][0]["Image"]
    elsewhere.close()


@pytest.mark.parametrize(
    ("region", "registry"),
    [
        ("eu-south-1", "692866216735.dkr.ecr.eu-south-1.amazonaws.com"),
        ("cn-north-1", "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn"),
        ("eu-west-1", "763104351884.dkr.ecr.eu-west-1.amazonaws.com"),
    ],
)
def test_registry_of_the_image_is_that_of_the_region(bundled: RunningEmulator, region: str, registry: str) -> None:
    """AWS's deep learning containers are in another account in some regions (the SageMaker SDK's image_uri_config)."""
    elsewhere = RunningEmulator(bundled.endpoint_url, region)
    image = run(elsewhere, "registry")["BestCandidate"]["InferenceContainers"][0]["Image"]
    assert image.startswith(registry + "/huggingface-pytorch-tgi-inference:")
    elsewhere.close()


def test_run_that_a_limit_ended_is_replayed_as_such(tmp_path: Path) -> None:
    """The training job of a replayed candidate shows MaxRuntimeExceeded where that of the run did."""
    recording = (BUNDLED_FOLDER / "tiny-decoder.json").read_text(encoding="utf-8")
    cut = recording.replace(
        '\\"ended_early_by\\": null', '\\"ended_early_by\\": \\"MaxRuntimePerTrainingJobInSeconds\\"'
    )
    (tmp_path / "cut.json").write_text(cut, encoding="utf-8")
    with replaying(replay=str(tmp_path)) as emulator:
        (step,) = run(emulator, "cut")["BestCandidate"]["CandidateSteps"]
        training_job = emulator.client("sagemaker").describe_training_job(TrainingJobName=step["CandidateStepName"])
        assert training_job["SecondaryStatus"] == "MaxRuntimeExceeded"


def test_replay_in_its_own_time() -> None:
    """With a speed the walk takes as long as it took, divided by it."""
    recorded = load(BUNDLED_FOLDER / "tiny-decoder.json").walk[-1][1]
    with replaying(replay="bundled", replay_speed=recorded / 0.5) as emulator:
        run(emulator, "timed")
        assert emulator.job("timed")["walk"][-1][1] >= 0.5


def test_missing_folder_is_named_at_start(tmp_path: Path) -> None:
    """A folder that is not there is a mistake in the settings."""
    with pytest.raises(ValueError, match="is no folder"), replaying(replay=str(tmp_path / "none")):
        pass


def test_recording_that_breaks_later_fails_its_job(tmp_path: Path) -> None:
    """A file that is spoilt while the server runs fails the jobs that it would have answered, with a reason."""
    file = tmp_path / "run.json"
    shutil.copy(BUNDLED_FOLDER / "tiny-decoder.json", file)
    with replaying(replay=str(tmp_path)) as emulator:
        assert run(emulator, "before")["AutoMLJobStatus"] == "Completed"
        time.sleep(0.01)
        file.write_text("{}", encoding="utf-8")
        job = run(emulator, "after")
        assert job["AutoMLJobStatus"] == "Failed"
        assert "The emulator cannot replay" in job["FailureReason"]
        assert "run.json: it is no recording" in job["FailureReason"]


def test_folder_that_is_gone_fails_its_jobs(tmp_path: Path) -> None:
    """A folder that is deleted while the server runs is named in the reason of the jobs that it would have answered."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    shutil.copy(BUNDLED_FOLDER / "tiny-decoder.json", folder / "run.json")
    with replaying(replay=str(folder)) as emulator:
        shutil.rmtree(folder)
        reason = run(emulator, "after")["FailureReason"]
    assert f"The emulator cannot replay a recording: the folder {folder} cannot be read: No such file" in reason
    assert "InternalServerError" not in reason


def test_run_that_was_stopped_while_it_deployed_ends_as_stopped(tmp_path: Path) -> None:
    """A recorded end is the end, though there is a candidate that was to be deployed."""
    content = json.loads((BUNDLED_FOLDER / "tiny-decoder.json").read_text(encoding="utf-8"))
    content["walk"][-1:] = [["DeployingModel", 23], ["Stopping", 24], ["Stopped", 24]]
    (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
    with replaying(replay=str(tmp_path)) as emulator:
        job = run(emulator, "job")
        walk = [status for status, _ in emulator.job("job")["walk"]]
    assert job["AutoMLJobStatus"] == "Stopped"
    assert walk == ["AnalyzingData", "TrainingModels", "Stopping", "Stopped"]


def test_model_beside_a_recording_must_be_the_recorded_one(tmp_path: Path) -> None:
    """Weights whose digest is another's are not passed off as the run's."""
    shutil.copy(BUNDLED_FOLDER / "tiny-decoder.json", tmp_path / "run.json")
    (tmp_path / "run.model.tar.gz").write_bytes(b"another model")
    with replaying(replay=str(tmp_path)) as emulator:
        assert "is not the model that was recorded" in run(emulator, "job")["FailureReason"]


def test_output_bucket_that_is_not_there_fails_a_replay(bundled: RunningEmulator) -> None:
    """A job that is replayed fails as one that trains does where its output bucket is not there."""
    request = text_generation("replayed-nowhere")
    request["OutputDataConfig"]["S3OutputPath"] = "s3://no-such-bucket/out"
    bundled.client("sagemaker").create_auto_ml_job_v2(**request)
    job = bundled.wait("replayed-nowhere", 30)
    assert job["AutoMLJobStatus"] == "Failed"
    assert "Unable to write s3://no-such-bucket/out: there is no bucket no-such-bucket" in job["FailureReason"]
