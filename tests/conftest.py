"""The servers that the tests talk to, over real HTTP."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.bundled import FIXTURES
from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.support.requests import BUCKET, user_guide
from tests.support.server import Server, running_server

STUB_WORKER = Path(__file__).parent / "support" / "stub_worker.py"
DATASETS = FIXTURES / "datasets"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--endpoint URL` points tests/api at another server, the real service included."""
    parser.addoption("--endpoint", help="test this server instead of one of our own")


def fill_bucket(server: Server) -> None:
    """Put the fixture datasets into the test bucket, under input/."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for file in sorted(DATASETS.rglob("*")):
        if file.suffix in {".csv", ".parquet"}:
            s3.upload_file(str(file), BUCKET, f"input/{file.relative_to(DATASETS)}")


@pytest.fixture(scope="session", name="server")
def _server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose jobs hold still once they train, unless their name says otherwise (support/stub_worker.py)."""
    endpoint = request.config.getoption("--endpoint")
    if endpoint:
        yield Server(endpoint)
        return
    with Emulator(Settings(port=0, workers=4), FreshExecutor([sys.executable, str(STUB_WORKER)])) as emulator:
        server = Server(emulator.url)
        fill_bucket(server)
        yield server


@pytest.fixture(scope="session", name="training_server")
def _training_server() -> Iterator[Server]:
    """A server that trains for real, on the CPU."""
    with running_server("--device", "cpu") as (server, _):
        fill_bucket(server)
        yield server


@pytest.fixture(scope="session", name="completed_job")
def _completed_job(training_server: Server) -> dict[str, Any]:
    """The description of the user guide's job, completed."""
    training_server.client("sagemaker").create_auto_ml_job_v2(**user_guide("user-guide"))
    return training_server.wait("user-guide", "Completed")
