"""`with AutoMLEmulator()`: a process that begins and ends with its test."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.testing import AutoMLEmulator
from tests.support.processes import descendants, wait_until_gone

ROOT = Path(__file__).parents[2]


def test_two_at_a_time_know_nothing_of_each_other() -> None:
    """Each has its own port, its own S3 and its own jobs."""
    with AutoMLEmulator() as one, AutoMLEmulator() as other:
        assert one.endpoint_url != other.endpoint_url
        one.client("s3").create_bucket(Bucket="bucket")
        assert other.client("s3").list_buckets()["Buckets"] == []


def test_nothing_is_left_after_the_end() -> None:
    """The process and whatever it started are gone, and its clients with it."""
    with AutoMLEmulator(warm=True):
        (child,) = descendants(os.getpid()) & _emulators()
        started = {child} | descendants(child)
    assert not wait_until_gone(started, seconds=5)


def test_settings_are_checked_in_the_test() -> None:
    """A setting that does not exist is a TypeError where it is written; one that cannot be met says why."""
    with pytest.raises(TypeError, match="worker_count"):
        AutoMLEmulator(worker_count=3)
    with pytest.raises(RuntimeError, match="is no folder"):
        AutoMLEmulator(replay="/no/such/folder").start()


def test_emulator_ends_with_a_test_that_is_killed(tmp_path: Path) -> None:
    """Kill -9 of the tests ends their emulator too."""
    program = tmp_path / "program.py"
    program.write_text(
        "from emulator.testing import AutoMLEmulator\n"
        "with AutoMLEmulator() as emulator:\n"
        "    print(emulator.endpoint_url, flush=True)\n"
        "    input()\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://")
        started = descendants(process.pid)
        assert started
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not wait_until_gone(started, seconds=10)


def test_starting_anew_after_the_end() -> None:
    """An emulator that was stopped can be started again, empty; stopping twice is no mistake."""
    emulator = AutoMLEmulator().start()
    emulator.client("s3").create_bucket(Bucket="bucket")
    emulator.stop()
    emulator.stop()
    with emulator:
        assert emulator.client("s3").list_buckets()["Buckets"] == []


def test_waiting_has_an_end() -> None:
    """A job that takes longer than a test waits for is told with where it stands."""
    with AutoMLEmulator() as emulator:
        emulator.outcomes.stop("held", seconds_per_stage=600)
        _create(emulator, "held")
        with pytest.raises(TimeoutError, match=r"held is still Starting after 0\.1 seconds"):
            emulator.wait("held", 0.1)


def _create(emulator: AutoMLEmulator, name: str) -> None:
    emulator.client("s3").create_bucket(Bucket="bucket")
    emulator.client("s3").put_object(Bucket="bucket", Key="data.csv", Body=b"input,output\na,b\n")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data.csv"}}
    emulator.client("sagemaker").create_auto_ml_job_v2(
        AutoMLJobName=name,
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "ContentType": "text/csv", "DataSource": source}],
        OutputDataConfig={"S3OutputPath": "s3://bucket/output"},
        RoleArn="arn:aws:iam::123456789012:role/role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {}},
    )


def _emulators() -> set[int]:
    """The processes that are an AutoMLEmulator's."""
    found = set()
    for pid in descendants(os.getpid()):
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"emulator.testing.child" in command:
            found.add(pid)
    return found
