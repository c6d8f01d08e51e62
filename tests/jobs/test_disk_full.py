"""A disk without room, for real: a small tmpfs, or a limit on the size of files where none can be mounted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fill_bucket
from tests.support.requests import channel, text_generation
from tests.support.server import Server, running_server
from tests.support.small_disk import SmallDisk
from tests.support.waiting import settled


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path) as disk:
        yield disk


def test_full_scratch_disk_fails_the_job(small_disk: SmallDisk) -> None:
    """A worker whose scratch folder has no room for the model fails its job, says so, and leaves the room again."""
    place = str(small_disk.folder)
    with running_server("--device", "cpu", before=small_disk.before, TMPDIR=place) as (server, _):
        fill_bucket(server)
        hyperparameters = {"epochCount": "1", "batchSize": "16"}
        request = text_generation(
            "no-room", channel("input/facts_100.csv"), TextGenerationHyperParameters=hyperparameters
        )
        server.client("sagemaker").create_auto_ml_job_v2(**request)
        job = server.wait("no-room", "Failed", seconds=120)
        assert "AlgorithmError: No space left on device for the files of the training under" in job["FailureReason"]
        assert ":training-job/no-room" in job["FailureReason"]
        assert "Traceback" not in job["FailureReason"]
        folders = list(small_disk.folder.glob("automl-emulator-*"))
        # A job is over a moment before its folder is gone.
        left = settled(lambda: [path.name for folder in folders for path in folder.iterdir()], ["lock"])
        assert left == ["lock"]


def test_disk_without_room_for_an_order_fails_the_job(small_disk: SmallDisk) -> None:
    """With no room at all not even a worker can be started; the job says so, and the next one runs when there is."""
    stub = ("-m", "tests.support.stub_server")
    with running_server(program=stub, TMPDIR=str(small_disk.folder)) as (server, process):
        fill_bucket(server)
        small_disk.fill(process.pid)
        create(server, "done-no-room")
        reason = server.wait("done-no-room", "Failed", seconds=20)["FailureReason"]
        assert "No space left on device for the files of the training under" in reason
        small_disk.free(process.pid)
        create(server, "done-room")
        server.wait("done-room", "Completed", seconds=20)


def create(server: Server, name: str) -> None:
    """Create a job that plays the scenario of its name."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name))
