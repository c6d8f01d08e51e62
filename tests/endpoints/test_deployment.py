"""ModelDeployConfig: from a candidate to an endpoint."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.deployment import Deployer
from emulator.endpoints.record import EndpointStatus
from emulator.errors import EndpointFailure, ServerEnding
from emulator.jobs.record import AutoMLJob, Candidate
from emulator.problem_types import PROBLEM_TYPES
from emulator.storage.database import Database
from tests.support.hosted import ACCOUNT, REGION, Host, living
from tests.support.requests import ROLE
from tests.support.stub_servers import REFUSAL


@pytest.fixture(name="database")
def _database() -> Iterator[Database]:
    database = Database()
    yield database
    database.close()


@pytest.fixture(name="host")
def _host(database: Database) -> Iterator[Host]:
    with living(database) as host:
        yield host


def job(name: str, **config: object) -> AutoMLJob:
    """A job with a ModelDeployConfig, as far as a deployment reads it."""
    return AutoMLJob(REGION, ACCOUNT, name, {"RoleArn": ROLE, "ModelDeployConfig": config}, 1.0, 1.0)


def candidate(name: str) -> Candidate:
    """A candidate with numbers that nothing here reads."""
    return Candidate(
        name=name,
        problem_type="TextGeneration",
        training_job_arn="arn",
        metrics=dict.fromkeys(PROBLEM_TYPES["TextGeneration"].metrics, 0.0),
        artifacts={"model.tar.gz": "s3://bucket/model.tar.gz"},
        image="image",
        environment={"KEY": "value"},
        created=1.0,
        ended=2.0,
    )


def deploy(host: Host, made: AutoMLJob, best: Candidate) -> str:
    """What the runner calls."""
    return Deployer(host.hosting, host.keeper, lambda: 3.0)(made, best)


def test_a_candidate_is_deployed_under_the_name_given(host: Host) -> None:
    """The model bears the candidate's name, and the endpoint the one that was asked for."""
    assert deploy(host, job("job", EndpointName="mine"), candidate("job-001")) == "mine"
    endpoint = host.hosting.endpoints.get(REGION, "mine")
    assert endpoint.status is EndpointStatus.IN_SERVICE
    (server,) = host.servers.opened["mine", "AllTraffic"]
    assert (server.model.model_name, server.model.model_data_url) == ("job-001", "s3://bucket/model.tar.gz")
    model = host.hosting.models.get(REGION, "job-001")
    assert model.request["ExecutionRoleArn"] == ROLE


def test_a_name_is_generated(host: Host) -> None:
    """AutoGenerateEndpointName gives the endpoint the candidate's name (inferred)."""
    assert deploy(host, job("job", AutoGenerateEndpointName=True), candidate("job-001")) == "job-001"


def test_a_model_that_does_not_load_fails_the_deployment(host: Host) -> None:
    """The reason is the endpoint's, which stays as Failed."""
    with pytest.raises(EndpointFailure, match=REFUSAL):
        deploy(host, job("job", EndpointName="mine"), candidate("fail-001"))
    assert host.status("mine") is EndpointStatus.FAILED


def test_an_endpoint_of_another_is_left_alone(host: Host) -> None:
    """A name that is taken fails the deployment; what has the name serves on."""
    host.create("mine", "other")
    host.keeper.settled(REGION, "mine")
    with pytest.raises(EndpointFailure, match="already exists"):
        deploy(host, job("job", EndpointName="mine"), candidate("job-001"))
    assert host.target("mine") == "other"


def test_a_deployment_that_was_cut_off_goes_on(database: Database) -> None:
    """When the emulator ends the deployment is neither done nor failed; the same call finishes it after the restart."""
    made, best = job("job", EndpointName="mine"), candidate("hold-001")
    with ThreadPoolExecutor() as pool, living(database) as host:
        waiting = pool.submit(deploy, host, made, best)
        host.servers.loading("mine")
    assert isinstance(waiting.exception(), ServerEnding)
    with living(database) as host:
        host.servers.release("mine")
        assert deploy(host, made, best) == "mine"
