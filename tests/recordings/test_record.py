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
from emulator.testing import AutoMLEmulator
from tests.recordings.test_replay import replaying, run
from tests.support.access import credentials_file
from tests.support.requests import BUCKET, text_generation
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


@pytest.fixture(name="keys")
def _keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of keys, of which the shell names one."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return credentials_file(tmp_path)


def test_emulator_that_asks_for_signatures(keys: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`record` signs with the key that the shell names, and tells in one sentence where it is refused."""
    file = tmp_path / "run.json"
    with AutoMLEmulator(require_auth=True, credentials_file=keys) as emulator:
        emulator.client("s3").create_bucket(Bucket=BUCKET)
        emulator.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        config = {"TextClassificationJobConfig": {"ContentColumn": "input", "TargetLabelColumn": "output"}}
        request = text_generation("untrained") | {"AutoMLProblemTypeConfig": config}
        emulator.client("sagemaker").create_auto_ml_job_v2(**request)
        emulator.wait("untrained", 20)
        command = ["record", "untrained", "-o", str(file), "--endpoint-url", emulator.endpoint_url]
        cli.main(command)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(SystemExit, match=r"Cannot record untrained: .*[Ss]ignature"):
            cli.main(command)
    assert (load(file).end, load(file).match) == ("Failed", {"job_name": "untrained"})


def test_what_cannot_be_read_is_told(own_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An artifact that is gone, another S3 that does not answer, and what is no URL are one sentence each."""
    own_server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-record"))
    own_server.wait("done-record", "Completed")
    command = ["record", "done-record", "-o", str(tmp_path / "a.json"), "--endpoint-url"]
    with pytest.raises(
        SystemExit, match=r"Cannot record done-record: s3://.*/model\.tar\.gz cannot be read: .*NoSuchKey"
    ):
        cli.main([*command, own_server.url])
    with pytest.raises(SystemExit, match=r"127\.0\.0\.1:4714 is no http:// or https:// URL"):
        cli.main([*command, "127.0.0.1:4714"])
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(SystemExit, match=r"cannot be read: Could not connect to the endpoint URL: .*127\.0\.0\.1:9/"):
        cli.main([*command, own_server.url])
    assert not list(tmp_path.iterdir())
