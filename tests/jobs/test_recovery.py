"""What a server finds that starts on the data directory of one that was killed."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulator.storage.data_dir import RUNS
from tests.conftest import fill_bucket
from tests.support.processes import descendants, let_go_on, wait_until_gone
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server, running_server
from tests.support.small_disk import SmallDisk
from tests.support.waiting import settled

STUB = ("-m", "tests.support.stub_server")


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[Server, "subprocess.Popen[str]"]]:
    """A server on a data directory, whose jobs play scenarios."""
    with running_server("--data-dir", str(folder), *arguments, program=STUB) as (server, process):
        yield server, process


def kill(process: "subprocess.Popen[str]") -> None:
    """End a server as a power cut would, and wait until its workers are gone."""
    started = descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=15)
    assert not wait_until_gone(started, seconds=5)


def create(server: Server, name: str, seconds: int = 3600) -> None:
    """Create a job that plays the scenario of its name."""
    criteria = {"MaxAutoMLJobRuntimeInSeconds": seconds}
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, CompletionCriteria=criteria))


def test_unfinished_jobs_run_again_in_their_order(tmp_path: Path) -> None:
    """The job that trained and those that waited run again after kill -9, in the order of their creation."""
    with serving(tmp_path / "data", "--workers", "1") as (server, process):
        fill_bucket(server)
        create(server, "done-before")
        before = server.wait("done-before", "Completed")
        create(server, "hold-one")
        create(server, "hold-two")
        create(server, "done-three")
        training = server.wait("hold-one", "TrainingModels")
        kill(process)
    with serving(tmp_path / "data", "--workers", "1") as (server, _):
        ended = server.describe("done-before")
        assert {**ended, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}
        again = server.wait("hold-one", "TrainingModels", seconds=20)
        assert again["CreationTime"] == training["CreationTime"]
        assert again["LastModifiedTime"] >= training["LastModifiedTime"]
        assert server.describe("hold-two")["AutoMLJobSecondaryStatus"] == "Starting"
        sagemaker = server.client("sagemaker")
        sagemaker.stop_auto_ml_job(AutoMLJobName="hold-one")
        server.wait("hold-two", "TrainingModels", seconds=20)
        sagemaker.stop_auto_ml_job(AutoMLJobName="hold-two")
        server.wait("done-three", "Completed", seconds=20)
        runs = tmp_path / "data" / RUNS
        assert settled(lambda: list(runs.iterdir()), []) == []  # a job is over a moment before its folder is gone


def test_orderly_end_leaves_jobs_to_the_next_server(tmp_path: Path) -> None:
    """SIGTERM ends no job: the one that trained runs again, and no folder of a run is left meanwhile."""
    with serving(tmp_path / "data") as (server, _):
        fill_bucket(server)
        create(server, "hold-term")
        server.wait("hold-term", "TrainingModels")
    assert not list((tmp_path / "data").glob(f"{RUNS}/*"))
    with serving(tmp_path / "data") as (server, _):
        server.wait("hold-term", "TrainingModels", seconds=20)


def test_stopping_job_has_stopped(tmp_path: Path) -> None:
    """A job that was stopping when its server was killed is Stopped at the next start."""
    with serving(tmp_path / "data") as (server, process):
        fill_bucket(server)
        create(server, "deaf-stop")
        server.wait("deaf-stop", "TrainingModels")
        server.client("sagemaker").stop_auto_ml_job(AutoMLJobName="deaf-stop")
        assert server.describe("deaf-stop")["AutoMLJobStatus"] == "Stopping"
        kill(process)
    with serving(tmp_path / "data") as (server, _):
        assert server.describe("deaf-stop")["AutoMLJobStatus"] == "Stopped"


def test_time_without_a_server_counts(tmp_path: Path) -> None:
    """A job whose longest runtime was over while no server ran has reached it."""
    with serving(tmp_path / "data") as (server, process):
        fill_bucket(server)
        create(server, "hold-late", seconds=3)
        server.wait("hold-late", "TrainingModels")
        kill(process)
    time.sleep(3)
    with serving(tmp_path / "data") as (server, _):
        job = server.wait("hold-late", "Completed", seconds=5)
        assert job["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
        assert job["EndTime"] >= job["CreationTime"]


@pytest.mark.parametrize("emptied", [False, True])
def test_job_without_its_inputs_fails(tmp_path: Path, emptied: bool) -> None:
    """A job whose data were deleted meanwhile fails with a reason that names them. The worker is a real one."""
    data = ("--data-dir", str(tmp_path / "data"))
    with serving(tmp_path / "data") as (server, process):
        fill_bucket(server)
        server.client("s3").create_bucket(Bucket="inputs")
        server.client("s3").copy_object(Bucket="inputs", Key="f.csv", CopySource=f"{BUCKET}/input/facts.csv")
        request = text_generation("hold-gone", channel("input/facts.csv"))
        request["AutoMLJobInputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = "s3://inputs/f.csv"
        server.client("sagemaker").create_auto_ml_job_v2(**request)
        server.wait("hold-gone", "TrainingModels")
        server.client("s3").delete_object(Bucket="inputs", Key="f.csv")
        if not emptied:
            server.client("s3").delete_bucket(Bucket="inputs")
        kill(process)
    with running_server("--device", "cpu", *data) as (server, _):
        reason = server.wait("hold-gone", "Failed", seconds=60)["FailureReason"]
        told = (
            "Unable to read s3://inputs/f.csv: there is no object" if emptied else "Unable to list s3://inputs/f.csv: "
        )
        assert told in reason
        assert ":training-job/hold-gone" in reason


def test_end_waits_for_room_in_the_database(tmp_path: Path) -> None:
    """With the data directory's disk full a job's end is written as soon as there is room; it is not lost."""
    (tmp_path / "disk").mkdir()
    data = ("--data-dir", str(tmp_path / "disk" / "data"))
    with (
        SmallDisk(tmp_path / "disk") as disk,
        running_server(*data, program=STUB, before=disk.before) as (server, process),
    ):
        fill_bucket(server)
        create(server, "talk-room")
        server.wait("talk-room", "TrainingModels")
        disk.fill(process.pid)
        let_go_on("talk-room")
        time.sleep(1)
        assert server.describe("talk-room")["AutoMLJobStatus"] == "InProgress"
        disk.free(process.pid)
        server.wait("talk-room", "Completed", seconds=20)
