"""A data directory that is removed while its server runs."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.conftest import STUB_WORKER, fill_bucket
from tests.support.requests import text_generation
from tests.support.server import Server


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Server]:
    """A server that keeps its data, where one job trains and one has ended."""
    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, data_dir=str(tmp_path / "data"), workers=1), executor) as emulator:
        server = Server(emulator.url)
        fill_bucket(server)
        for name in ("done-before", "hold-before"):
            server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name))
        server.wait("done-before", "Completed")
        server.wait("hold-before", "TrainingModels")
        yield server


@pytest.mark.parametrize("part", [".", "s3", "emulator.db"])
def test_calls_that_create_are_refused(
    server: Server, tmp_path: Path, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What would be lost is refused with a reason, in the log too; what is there is still told, stopped and deleted."""
    gone = tmp_path / "data" / part
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    sagemaker = server.client("sagemaker")
    job = server.describe("done-before")
    calls: list[Callable[[], object]] = [
        lambda: sagemaker.create_auto_ml_job_v2(**text_generation("lost")),
        lambda: sagemaker.add_tags(ResourceArn=job["AutoMLJobArn"], Tags=[{"Key": "k", "Value": "v"}]),
    ]
    for call in calls:
        with pytest.raises(ClientError, match=r"data directory .* was removed while it ran") as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "InternalFailure"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert f"the data directory {tmp_path / 'data'} was removed" in caplog.text
    assert len(sagemaker.list_auto_ml_jobs()["AutoMLJobSummaries"]) == 2
    sagemaker.stop_auto_ml_job(AutoMLJobName="hold-before")
    server.wait("hold-before", "Stopped")
