"""An emulator that the tests of control may do with as they like; its jobs play scenarios (support/stub_worker.py)."""

import sys
from collections.abc import Iterator

import pytest

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from emulator.testing import RunningEmulator
from tests.conftest import STUB_WORKER
from tests.support.requests import BUCKET
from tests.support.server import Server
from tests.support.stub_servers import StubServers


@pytest.fixture(scope="module", name="controlled")
def _controlled() -> Iterator[RunningEmulator]:
    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, in_memory=True, workers=4), executor, StubServers()) as emulator:
        running = RunningEmulator(emulator.url)
        yield running
        running.close()


@pytest.fixture(name="emulator")
def _emulator(controlled: RunningEmulator) -> RunningEmulator:
    """The emulator after a reset, with the data of a job."""
    controlled.reset()
    controlled.client("s3").create_bucket(Bucket=BUCKET)
    controlled.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
    return controlled


@pytest.fixture(name="raw")
def _raw(emulator: RunningEmulator) -> Server:
    """The same emulator for requests without retries."""
    return Server(emulator.endpoint_url)
