"""What becomes of a job that asks for an endpoint, by what deploying its candidate comes to."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import errors
from emulator.executors import FreshExecutor
from emulator.jobs.attempt import Workshop
from emulator.jobs.descriptions import describe_job_v2
from emulator.jobs.folders import RunFolders
from emulator.jobs.record import AutoMLJob, Candidate
from emulator.jobs.runner import JobRunner
from emulator.jobs.store import JobStore
from emulator.s3.access import S3Access
from emulator.settings import Settings
from emulator.storage.database import Database
from tests.conftest import STUB_WORKER
from tests.support.requests import text_generation, with_value


class Endpoints:
    """Endpoints that come up when the test says so."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.problem: Exception | None = None
        self.asked: list[str] = []

    def deploy(self, job: AutoMLJob, candidate: Candidate) -> str:
        """Wait, and then serve the candidate or fail."""
        self.asked.append(candidate.name)
        self.go.wait(30)
        if self.problem is not None:
            raise self.problem
        return f"endpoint-of-{job.name}"


class Server:
    """The part of a server that runs jobs; a second one on the same jobs is what a restart makes."""

    def __init__(self, database: Database, folder: Path, deploy: Callable[[AutoMLJob, Candidate], str]) -> None:
        self.store = JobStore(database)
        workshop = Workshop(S3Access("http://127.0.0.1:9"), RunFolders(folder), deploy=deploy)
        executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
        self.executor = executor
        self.runner = JobRunner(self.store, executor, Settings(workers=1), _clock, workshop)
        self.closed = False
        self.runner.start()

    def create(self, name: str, seconds: int = 3600) -> None:
        """Create a job that asks for an endpoint."""
        plain = text_generation(name, CompletionCriteria={"MaxAutoMLJobRuntimeInSeconds": seconds})
        request = with_value(plain, "ModelDeployConfig", {"AutoGenerateEndpointName": True})
        now = _clock()
        job = AutoMLJob("us-east-1", "123456789012", request.pop("AutoMLJobName"), request, now, now)
        self.store.add(job, {})
        self.runner.submit(job)

    def wait(self, name: str, *statuses: str) -> dict[str, Any]:
        """The description of a job, once it has one of the secondary statuses."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job = describe_job_v2(self.store.get("us-east-1", name))
            if job["AutoMLJobSecondaryStatus"] in statuses:
                return job
            time.sleep(0.02)
        raise AssertionError(job)

    def close(self) -> None:
        """End as a server does; once."""
        if not self.closed:
            self.closed = True
            self.runner.close()
            self.executor.close()


def _clock() -> float:
    return round(time.time(), 3)


@pytest.fixture(name="endpoints")
def _endpoints() -> Endpoints:
    return Endpoints()


@pytest.fixture(name="database")
def _database() -> Iterator[Database]:
    database = Database()
    yield database
    database.close()


@pytest.fixture(name="server")
def _server(database: Database, endpoints: Endpoints, tmp_path: Path) -> Iterator[Server]:
    server = Server(database, tmp_path / "runs", endpoints.deploy)
    yield server
    endpoints.go.set()
    server.close()


def test_endpoint_in_service_completes_the_job(server: Server, endpoints: Endpoints) -> None:
    """A job is DeployingModel, with its candidate, until the endpoint is in service, and then names it."""
    server.create("done-deploy")
    job = server.wait("done-deploy", "DeployingModel")
    assert job["AutoMLJobStatus"] == "InProgress"
    assert job["BestCandidate"]["CandidateName"].startswith("done-deploy")
    assert not {"ModelDeployResult", "EndTime"} & job.keys()
    endpoints.go.set()
    job = server.wait("done-deploy", "Completed")
    assert job["ModelDeployResult"] == {"EndpointName": "endpoint-of-done-deploy"}
    assert "BestCandidate" in job


def test_deploying_job_keeps_no_worker(server: Server) -> None:
    """While one job deploys, the only worker is free for the next."""
    server.create("done-first")
    server.create("done-second")
    server.wait("done-second", "DeployingModel")
    server.wait("done-first", "DeployingModel")


@pytest.mark.parametrize("problem", [errors.deployment_broke("the disk is full"), KeyError("a defect")])
def test_failed_deployment_keeps_the_candidate(server: Server, endpoints: Endpoints, problem: Exception) -> None:
    """Where the endpoint cannot be made, the job is Completed as ModelDeploymentError, without EndpointName."""
    endpoints.problem = problem
    endpoints.go.set()
    server.create("done-not")
    job = server.wait("done-not", "ModelDeploymentError")
    assert job["AutoMLJobStatus"] == "Completed"
    assert job["ModelDeployResult"] == {}
    assert "could not" in job["FailureReason"]
    assert "BestCandidate" in job


def test_deploying_job_is_stopped(server: Server, endpoints: Endpoints) -> None:
    """A stop while the candidate is deployed ends the job, and what the deployment comes to changes nothing."""
    server.create("done-stop")
    server.wait("done-stop", "DeployingModel")
    server.runner.stop(server.store.get("us-east-1", "done-stop"))
    assert server.wait("done-stop", "Stopped")["AutoMLJobStatus"] == "Stopped"
    endpoints.go.set()
    time.sleep(0.2)
    assert "ModelDeployResult" not in server.wait("done-stop", "Stopped")


def test_deploying_job_reaches_its_limit(server: Server) -> None:
    """The longest runtime ends a job that deploys; its candidate stays, and the endpoint is left out (documented)."""
    server.create("done-limit", seconds=3)
    server.wait("done-limit", "DeployingModel")
    job = server.wait("done-limit", "MaxAutoMLJobRuntimeReached")
    assert job["AutoMLJobStatus"] == "Completed"
    assert "BestCandidate" in job
    assert "ModelDeployResult" not in job


def test_restart_deploys_again_and_does_not_train_again(
    server: Server, database: Database, endpoints: Endpoints, tmp_path: Path
) -> None:
    """A job whose server ended while it deployed is deployed by the next server, with the candidate that it has."""
    server.create("done-again")
    candidate = server.wait("done-again", "DeployingModel")["BestCandidate"]
    server.close()
    another = Server(database, tmp_path / "other", endpoints.deploy)
    endpoints.go.set()
    job = another.wait("done-again", "Completed")
    another.close()
    assert job["BestCandidate"] == candidate
    assert job["ModelDeployResult"] == {"EndpointName": "endpoint-of-done-again"}
    assert len(endpoints.asked) == 2
