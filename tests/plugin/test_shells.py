"""The emulator's own programs in shells whose settings are about other services: a profile, a proxy."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from emulator.testing import AutoMLEmulator
from emulator.testing.running import RunningEmulator

NOBODY = "http://127.0.0.1:9"
ELSEWHERE = {"http_proxy": NOBODY, "HTTP_PROXY": NOBODY, "https_proxy": NOBODY, "AWS_PROFILE": "no-such-profile"}


@pytest.fixture(name="emulator", scope="module")
def _emulator() -> Iterator[AutoMLEmulator]:
    """Started, and asked, in such a shell; the job `job` has ended in it."""
    with pytest.MonkeyPatch.context() as shell:
        for name in ("NO_PROXY", "no_proxy"):
            shell.delenv(name, raising=False)
        for name, value in ELSEWHERE.items():
            shell.setenv(name, value)
        with AutoMLEmulator(replay="bundled") as emulator:
            _create(emulator)
            yield emulator


def _create(emulator: AutoMLEmulator) -> None:
    emulator.client("s3").create_bucket(Bucket="bucket")
    emulator.client("s3").put_object(Bucket="bucket", Key="data.csv", Body=b"input,output\n" + b"a,b\n" * 20)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data.csv"}}
    emulator.client("sagemaker").create_auto_ml_job_v2(
        AutoMLJobName="job",
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "ContentType": "text/csv", "DataSource": source}],
        OutputDataConfig={"S3OutputPath": "s3://bucket/output"},
        RoleArn="arn:aws:iam::123456789012:role/role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {"BaseModelName": "Falcon7BInstruct"}},
    )


def command(emulator: AutoMLEmulator, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command says and how it ends, where a proxy is set."""
    shell = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | variables
    line = [sys.executable, "-m", "emulator", *arguments, "--endpoint-url", emulator.endpoint_url]
    return subprocess.run(line, env=shell, capture_output=True, text=True, check=False)


def test_job_stores_what_it_has(emulator: AutoMLEmulator) -> None:
    """A job reads and writes the emulator's own S3, whatever profile and proxy were set where it was started."""
    job = emulator.wait("job")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")


def test_other_services_answer(emulator: AutoMLEmulator) -> None:
    """What moto answers, and a job's log among them, do not look for the profile either."""
    emulator.wait("job")
    assert emulator.client("sts").get_caller_identity()["Account"]
    streams = emulator.client("logs").describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs")
    assert streams["logStreams"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["logs", "job"], "replay"),
        (["record", "job", "-o", "job.json"], "was not a real run"),
        (["invoke", "nobody", "Hello"], "Could not find endpoint"),
    ],
)
def test_commands_need_no_way_round_a_proxy(emulator: AutoMLEmulator, arguments: list[str], words: str) -> None:
    """Commands come to an emulator on this machine past the shell's proxy."""
    emulator.wait("job")
    told = command(emulator, *arguments)
    assert words in told.stdout + told.stderr


@pytest.mark.parametrize(
    "arguments", [["logs", "job"], ["invoke", "nobody", "Hello"], ["record", "job", "-o", "job.json"]]
)
def test_profile_that_is_not_there_is_told_in_a_line(emulator: AutoMLEmulator, arguments: list[str]) -> None:
    """Commands that may sign with the user's profile name the one that is missing, without a traceback."""
    told = command(emulator, *arguments, AWS_PROFILE="no-such-profile")
    assert told.returncode == 1
    assert told.stderr.endswith("The config profile (no-such-profile) could not be found\n")
    assert told.stderr.count("\n") == 1


def test_reader_that_has_read_enough_is_no_mistake(emulator: AutoMLEmulator) -> None:
    """`logs JOB --follow | head -1` prints a line, and nothing about the pipe that head has closed."""
    emulator.wait("job")
    line = f"{sys.executable} -m emulator logs job --follow --endpoint-url {emulator.endpoint_url} | head -c 0"
    shell = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    told = subprocess.run(line, shell=True, env=shell, capture_output=True, text=True, check=False)  # noqa: S602
    assert (told.returncode, told.stderr) == (0, "")


def test_url_where_nobody_answers_is_named() -> None:
    """`--automl-emulator-url` with a wrong port says which URL that was."""
    with pytest.raises(ConnectionError, match=f"No emulator answers at {NOBODY}: "):
        RunningEmulator(NOBODY).reset()
