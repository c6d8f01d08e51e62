"""`with AutoMLEmulator()`: a process that begins and ends with its test."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from emulator.testing import AutoMLEmulator, ControlRefused, RunningEmulator
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


FORKING = """
import os, sys, time
from emulator.testing import AutoMLEmulator

emulator = AutoMLEmulator().start()
sleeper = os.fork()
if not sleeper:
    os.close(1)
    time.sleep(100)
print(sleeper, emulator.endpoint_url, flush=True)
"""


@contextmanager
def forking_program(tmp_path: Path, then: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A program with an emulator and a forked child, which inherits the emulator's pipes, and what it does then."""
    (tmp_path / "program.py").write_text(FORKING + then, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "program.py")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        sleeper = int(process.stdout.readline().split()[0])
        try:
            yield process, sleeper
        finally:
            os.kill(sleeper, signal.SIGKILL)


def test_forked_child_of_a_test_does_not_delay_the_end(tmp_path: Path) -> None:
    """The emulator ends at once though another process holds its pipes."""
    then = "began = time.monotonic(); emulator.stop(); print(time.monotonic() - began, flush=True)"
    with forking_program(tmp_path, then) as (process, _):
        assert process.stdout is not None
        assert float(process.stdout.readline()) < 8


def test_forked_child_does_not_keep_the_emulator_of_a_killed_test(tmp_path: Path) -> None:
    """Kill -9 of the tests ends their emulator though what they have forked lives."""
    with forking_program(tmp_path, "input()") as (process, sleeper):
        started = descendants(process.pid) - {sleeper}
        assert started
        process.kill()
        process.wait()
        assert not wait_until_gone(started, seconds=10)
        os.kill(sleeper, 0)


def test_forked_process_does_not_end_the_emulator_of_another(tmp_path: Path) -> None:
    """A fork that leaves the block, too, leaves the emulator to whoever has started it."""
    program = """
import os
from emulator.testing import AutoMLEmulator

with AutoMLEmulator() as emulator:
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        emulator.reset()
if not child:
    os._exit(0)
"""
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(tmp_path / "program.py")], env=environment, check=True, timeout=60)


def test_emulator_that_does_not_run_says_so() -> None:
    """Before the start and after the end, whatever is asked of it is a RuntimeError that says what to do."""
    uses: tuple[Callable[[AutoMLEmulator], object], ...] = (
        lambda emulator: emulator.endpoint_url,
        lambda emulator: emulator.client("s3"),
        lambda emulator: emulator.faults.clear(),
        lambda emulator: emulator.outcomes.fail(),
        lambda emulator: emulator.environment(),
        lambda emulator: emulator.reset(),
    )
    emulator = AutoMLEmulator()
    with emulator:
        pass
    for stopped in (AutoMLEmulator(), emulator):
        for use in uses:
            with pytest.raises(RuntimeError, match=r"The emulator does not run: call start\(\)"):
                use(stopped)


def test_objects_are_where_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """With another S3 the client for S3 goes there, and so do programs, with the shell's own credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with AutoMLEmulator() as other, AutoMLEmulator(s3_endpoint_url=other.endpoint_url) as emulator:
        emulator.client("s3").create_bucket(Bucket="bucket")
        assert [bucket["Name"] for bucket in other.client("s3").list_buckets()["Buckets"]] == ["bucket"]
        with emulator.aws_environment():
            assert os.environ["AWS_ENDPOINT_URL_S3"] == other.endpoint_url
            assert os.environ["AWS_ACCESS_KEY_ID"] == "mine"
            assert boto3.client("sagemaker").list_auto_ml_jobs()["AutoMLJobSummaries"] == []


def test_job_that_is_not_there() -> None:
    """Asking and waiting for a job that does not exist is a ControlRefused, whatever the name."""
    with AutoMLEmulator() as emulator:
        for name in ("none", "a?b", "a b#c%2F", "arn:aws:automl-job/none", "a/log"):
            for ask in (emulator.job, emulator.wait):
                with pytest.raises(ControlRefused, match="AutoML job"):
                    ask(name)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "127.0.0.1,localhost,emulator"),
        ({"NO_PROXY": "a.example,localhost"}, "a.example,localhost,127.0.0.1,emulator"),
        ({"no_proxy": "a.example"}, "a.example,127.0.0.1,localhost,emulator"),
        ({"NO_PROXY": "*"}, "*"),
        ({"NO_PROXY": "a.example", "no_proxy": "*"}, "*"),
    ],
    ids=range(5),
)
def test_no_proxy_stands_before_the_emulator(
    given: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY gets this machine and the host of the URL, and stays as it is where it means everything."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    environment = RunningEmulator("http://emulator:4599").environment()
    assert environment["NO_PROXY"] == environment["no_proxy"] == wanted


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
