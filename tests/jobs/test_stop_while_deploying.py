"""A job that is stopped while its endpoint comes up: the endpoint is never left half made."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.endpoints.serving import ModelToServe
from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.conftest import STUB_WORKER, fill_bucket
from tests.support.hosting import wait_for
from tests.support.requests import text_generation, with_value
from tests.support.server import Server
from tests.support.stub_servers import StubServer, StubServers


class HoldingServers(StubServers):
    """All models load until they are released, whatever their names."""

    def open(self, region: str, endpoint_name: str, variant: str, model: ModelToServe) -> StubServer:
        """A server that holds."""
        return super().open(region, endpoint_name, variant, replace(model, model_name=f"hold-{model.model_name}"))


@contextmanager
def living(folder: Path, servers: StubServers) -> Iterator[Server]:
    """A server on a data directory."""
    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, data_dir=str(folder), warm=False), executor, servers) as emulator:
        yield Server(emulator.url)


def stopped_while_deploying(server: Server, name: str) -> None:
    """Create a job with an endpoint of its name, and stop it when that is being created."""
    request = with_value(text_generation(name), "ModelDeployConfig", {"EndpointName": name})
    server.client("sagemaker").create_auto_ml_job_v2(**request)
    server.wait(name, "DeployingModel", seconds=30)
    while name not in [one["EndpointName"] for one in server.client("sagemaker").list_endpoints()["Endpoints"]]:
        assert server.describe(name)["AutoMLJobSecondaryStatus"] == "DeployingModel"
    server.client("sagemaker").stop_auto_ml_job(AutoMLJobName=name)
    assert_stopped(server.wait(name, "Stopped", seconds=10))


def assert_stopped(job: dict[str, Any]) -> None:
    """The job has its candidate, and no endpoint."""
    assert job["AutoMLJobStatus"] == "Stopped"
    assert "BestCandidate" in job
    assert "ModelDeployResult" not in job


def test_endpoint_comes_up_and_can_be_deleted(tmp_path: Path) -> None:
    """What was begun is finished; the job, which has stopped, does not name it, and its user can delete it."""
    servers = HoldingServers()
    with living(tmp_path, servers) as server:
        fill_bucket(server)
        stopped_while_deploying(server, "done-1")
        assert wait_for(server, "done-1", "Creating")
        servers.release("done-1")
        wait_for(server, "done-1", "InService")
        assert_stopped(server.describe("done-1"))
        server.client("sagemaker").delete_endpoint(EndpointName="done-1")
        waiter = server.client("sagemaker").get_waiter("endpoint_deleted")
        waiter.wait(EndpointName="done-1", WaiterConfig={"Delay": 1, "MaxAttempts": 10})


def test_endpoint_comes_up_after_a_restart(tmp_path: Path) -> None:
    """A server that ends between the stop and the endpoint's end leaves that to the next one."""
    with living(tmp_path, HoldingServers()) as server:
        fill_bucket(server)
        stopped_while_deploying(server, "done-2")
    servers = HoldingServers()
    with living(tmp_path, servers) as server:
        assert_stopped(server.describe("done-2"))
        servers.release("done-2")
        wait_for(server, "done-2", "InService")
        assert_stopped(server.describe("done-2"))
