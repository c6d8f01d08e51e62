"""The servers that the tests talk to, over real HTTP."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.bundled import FIXTURES
from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.support.hosting import make_endpoint
from tests.support.requests import BUCKET, ROLE, text_generation, user_guide
from tests.support.server import Server, running_server
from tests.support.stub_servers import StubServers

STUB_WORKER = Path(__file__).parent / "support" / "stub_worker.py"
DATASETS = FIXTURES / "datasets"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--endpoint URL` points the goldens of tests/api at another server, the real service included."""
    parser.addoption("--endpoint", help="test this server instead of one of our own")
    parser.addoption("--region", default="us-east-1", help="the region of that server")
    parser.addoption("--bucket", default=BUCKET, help="a bucket there, with an object input/facts.csv")
    parser.addoption("--role", default=ROLE, help="the ARN of a role there")
    parser.addoption("--job", help="the name of an AutoML job V2 there that has ended")


def fill_bucket(server: Server) -> None:
    """Put the fixture datasets into the test bucket, under input/."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for file in sorted(DATASETS.rglob("*")):
        if file.suffix in {".csv", ".parquet"}:
            s3.upload_file(str(file), BUCKET, f"input/{file.relative_to(DATASETS)}")


@pytest.fixture(scope="session", name="model_servers")
def _model_servers() -> StubServers:
    """What serves the endpoints of `server`, as the names of their models say (support/stub_servers.py)."""
    return StubServers()


@pytest.fixture(scope="session", name="server")
def _server(request: pytest.FixtureRequest, model_servers: StubServers) -> Iterator[Server]:
    """A server whose jobs hold still once they train, unless their name says otherwise (support/stub_worker.py)."""
    endpoint = request.config.getoption("--endpoint")
    if endpoint:
        yield Server(endpoint, request.config.getoption("--region"), foreign=True)
        return
    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, in_memory=True, workers=4), executor, model_servers) as emulator:
        server = Server(emulator.url)
        fill_bucket(server)
        yield server


@pytest.fixture(scope="session", name="own_server")
def _own_server(server: Server) -> Server:
    """The server, where it is our own: for tests whose jobs play a scenario, or that send what is valid."""
    if server.foreign:
        pytest.skip("only against a server of our own")
    return server


@pytest.fixture(name="hold")
def _hold(own_server: Server) -> Iterator[Callable[..., str]]:
    """Makes a job that trains until the test is over, and returns its ARN; there is room for four at a time."""
    names = []
    sagemaker = own_server.client("sagemaker")

    def hold(name: str, request: dict[str, Any] | None = None) -> str:
        arn: str = sagemaker.create_auto_ml_job_v2(**request or text_generation(name))["AutoMLJobArn"]
        names.append(name)
        own_server.wait(name, "TrainingModels")
        return arn

    yield hold
    for name in names:
        if "EndTime" not in own_server.describe(name):
            sagemaker.stop_auto_ml_job(AutoMLJobName=name)


@pytest.fixture(scope="session", name="names")
def _names(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the golden cases leave open, but for the job."""
    role = request.config.getoption("--role")
    return {
        "bucket": request.config.getoption("--bucket"),
        "role": role,
        "region": request.config.getoption("--region"),
        "account": role.split(":")[4],
    }


@pytest.fixture(scope="session", name="ended_job")
def _ended_job(request: pytest.FixtureRequest, server: Server) -> dict[str, str]:
    """A job that has ended, as the golden cases name it; it has one tag where the server is our own."""
    name = request.config.getoption("--job")
    if not server.foreign:
        name = "done-golden"
        tags = [{"Key": "team", "Value": "green"}]
        server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name), Tags=tags)
        server.wait(name, "Completed")
    if name is None:
        pytest.skip("needs --job")
    job = server.describe(name)
    arn, status = job["AutoMLJobArn"], job["AutoMLJobStatus"]
    return {"job": name, "job_arn": arn, "tagged_job_arn": arn, "job_status": status}


@pytest.fixture(scope="session", name="hosted")
def _hosted(own_server: Server) -> dict[str, str]:
    """A model, its configuration and an endpoint of it, one that is being created for ever, and one that failed."""
    make_endpoint(own_server, "golden-endpoint", "golden-model")
    make_endpoint(own_server, "golden-creating", "hold-golden", wait="Creating")
    make_endpoint(own_server, "golden-failed", "fail-golden", wait="Failed")
    return {
        "hosted_model": "golden-model",
        "hosted_config": "golden-endpoint",
        "hosted_endpoint": "golden-endpoint",
        "hosted_creating": "golden-creating",
        "hosted_failed": "golden-failed",
    }


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
