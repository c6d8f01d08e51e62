"""Recording: a real run as a file, and the same run from that file."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator import cli
from emulator.recordings.library import BUNDLED_FOLDER
from emulator.recordings.recorder import match_of
from emulator.recordings.recording import load, sha256
from tests.recordings.test_replay import replaying, run
from tests.support.requests import text_generation
from tests.support.server import Server


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_real_run_is_recorded_and_replayed(
    training_server: Server, completed_job: dict[str, Any], tmp_path: Path, suffix: str
) -> None:
    """What `automl-emulator record` saves answers a create with the same metrics, walk and weights."""
    name, url = completed_job["AutoMLJobName"], training_server.url
    file = tmp_path / f"guide{suffix}"
    cli.main(["record", name, "-o", str(file), "--endpoint-url", url, "--with-model", "--match-name", "guide-*"])
    recording = load(file)
    assert [status for status, _ in recording.walk] == ["AnalyzingData", "TrainingModels", "Completed"]
    assert recording.request["AutoMLProblemTypeConfig"] == completed_job["AutoMLProblemTypeConfig"]
    assert str(Path(__file__).parents[2]) not in json.dumps(recording.artifacts["training.log"].text)
    with replaying(replay=str(tmp_path)) as emulator:
        job = run(emulator, "guide-1")
        candidate, original = job["BestCandidate"], completed_job["BestCandidate"]
        assert candidate["CandidateProperties"] == original["CandidateProperties"]
        bucket, key = candidate["InferenceContainers"][0]["ModelDataUrl"].removeprefix("s3://").split("/", 1)
        model = emulator.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        assert sha256(model) == recording.artifacts["model.tar.gz"].sha256
        assert [status for status, _ in emulator.job("guide-1")["walk"]] == [status for status, _ in recording.walk]
        with pytest.raises(SystemExit, match="was not a real run"):
            cli.main(["record", "guide-1", "-o", str(tmp_path / "x.json"), "--endpoint-url", emulator.endpoint_url])


def test_run_of_a_model_answers_jobs_of_that_model(
    training_server: Server, completed_job: dict[str, Any], tmp_path: Path
) -> None:
    """Without a pattern a completed run matches by its base model."""
    file = tmp_path / "guide.json"
    cli.main(["record", completed_job["AutoMLJobName"], "-o", str(file), "--endpoint-url", training_server.url])
    assert load(file).match == {"base_model": "Falcon7BInstruct"}
    assert not (tmp_path / "guide.model.tar.gz").exists()


def test_nothing_to_record_is_told(own_server: Server, tmp_path: Path) -> None:
    """No such job, one that still runs, one whose outcome was commanded, another suffix: each is told as such."""
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_auto_ml_job_v2(**text_generation("hold-record"))
    tags = [{"Key": "automl-emulator:outcome", "Value": "fail"}]
    sagemaker.create_auto_ml_job_v2(**text_generation("commanded"), Tags=tags)
    own_server.wait("commanded", "Failed")
    for job, file, words in (
        ("no-such", "a.json", "can't find an AutoML job"),
        ("hold-record", "a.json", "has not ended yet"),
        ("commanded", "a.json", "was not a real run"),
        ("commanded", "a.txt", r"must end in \.json"),
    ):
        with pytest.raises(SystemExit, match=words):
            cli.main(["record", job, "-o", str(tmp_path / file), "--endpoint-url", own_server.url])
    assert not list(tmp_path.iterdir())
    sagemaker.stop_auto_ml_job(AutoMLJobName="hold-record")


@pytest.mark.parametrize(
    ("end", "match"),
    [
        (["Completed"], {"base_model": "Falcon7BInstruct"}),
        (["DeployingModel", "ModelDeploymentError"], {"base_model": "Falcon7BInstruct"}),
        (["DeployingModel", "Stopping", "Stopped"], {"job_name": "tiny-decoder"}),
    ],
)
def test_run_that_did_not_complete_answers_its_own_name_alone(end: list[str], match: dict[str, str]) -> None:
    """A run that was stopped while it deployed has a candidate, and must not stand before good runs of its model."""
    recording = load(BUNDLED_FOLDER / "tiny-decoder.json")
    walk = [*recording.walk[:-1], *((status, 23.0) for status in end)]
    assert match_of(replace(recording, walk=walk)) == match
