"""What the keeper keeps through restarts, whom it sends requests to, and that its waits end."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.endpoints.record import EndpointStatus
from emulator.errors import ApiError, ServerEnding
from emulator.storage.database import Database
from tests.support.hosted import ACCOUNT, REGION, Host, living
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


def test_what_served_serves_again_after_a_restart(database: Database) -> None:
    """An endpoint in service stays so, without its model, and its server loads when it is first asked."""
    with living(database) as host:
        host.create("e", "m")
        host.keeper.settled(REGION, "e")
        host.hosting.models.remove(REGION, "m")
        host.hosting.configs.remove(REGION, "e")
    with living(database) as host:
        assert host.status("e") is EndpointStatus.IN_SERVICE
        assert host.target("e") == "m"
        (server,) = host.servers.opened["e", "m"]
        assert not server.started


def test_a_creation_goes_on_after_a_restart(database: Database) -> None:
    """An endpoint that was being created is Creating still, and comes into service."""
    with living(database) as host:
        host.create("e", "hold-m")
    with living(database) as host:
        assert host.status("e") is EndpointStatus.CREATING
        host.servers.release("e", "hold-m")
        assert host.keeper.settled(REGION, "e").status is EndpointStatus.IN_SERVICE


def test_an_update_goes_on_after_a_restart(database: Database) -> None:
    """What served serves while the update goes on, and the update takes over in the end."""
    with living(database) as host:
        host.create("e", "old")
        host.keeper.settled(REGION, "e")
        host.update("e", "hold-new")
    with living(database) as host:
        assert host.status("e") is EndpointStatus.UPDATING
        assert host.target("e") == "old"
        host.servers.release("e", "hold-new")
        host.keeper.settled(REGION, "e")
        assert host.target("e") == "hold-new"


def test_a_change_of_weights_is_finished_after_a_restart(database: Database) -> None:
    """An endpoint whose weights were about to change has them, and is in service."""
    with living(database) as host:
        host.create("e", "a", "b")
        host.keeper.settled(REGION, "e")
        wanted = [{"VariantName": "a", "DesiredWeight": 3.0}]
        host.hosting.endpoints.change(REGION, "e", lambda endpoint: endpoint.reweighing(wanted, 2.0))
    with living(database) as host:
        endpoint = host.keeper.settled(REGION, "e")
        assert endpoint.live is not None
        assert [variant.weight for variant in endpoint.live.variants] == [3.0, 1.0]


def test_a_deletion_is_finished_after_a_restart(database: Database) -> None:
    """An endpoint that was being deleted is gone soon after the start, and serves nothing until then."""
    with living(database) as host:
        host.create("e", "m")
        host.keeper.settled(REGION, "e")
        host.hosting.endpoints.change(REGION, "e", lambda endpoint: endpoint.deleting(2.0))
    with living(database) as host, pytest.raises(ApiError, match="Could not find endpoint"):
        host.keeper.settled(REGION, "e")


def test_requests_go_to_the_variant_asked_for(host: Host) -> None:
    """A target variant gets the request, whatever its weight."""
    host.create("e", "a", "b", weights=(1.0, 0.0))
    host.keeper.settled(REGION, "e")
    assert {host.target("e", "b") for _ in range(10)} == {"b"}


def test_what_failed_leaves_nothing_behind(host: Host) -> None:
    """A deployment that replaced nothing is not remembered as one whose servers are still to end."""
    for name, model in (("e", "fail-m"), ("f", "m")):
        host.create(name, model)
        host.keeper.settled(REGION, name)
    assert vars(host.keeper)["_retiring"] == []


@pytest.mark.parametrize(
    ("weights", "least", "most"),
    [
        ((9.0, 1.0), 700, 999),
        ((1.0, 0.0), 1000, 1000),
        ((0.0, 0.0), 1, 999),
        ((1e308, 1e308), 1, 999),
        ((float("inf"), 1.0), 1000, 1000),
    ],
)
def test_requests_go_to_variants_by_weight(host: Host, weights: tuple[float, ...], least: int, most: int) -> None:
    """Traffic is in proportion to the weights; variants that all weigh nothing share it."""
    host.create("e", "a", "b", weights=weights)
    host.keeper.settled(REGION, "e")
    drawn = Counter(host.target("e") for _ in range(1000))
    assert least <= drawn["a"] <= most


@pytest.mark.parametrize(
    ("name", "variant", "message"),
    [
        ("none", None, f"Endpoint none of account {ACCOUNT} not found."),
        ("E", None, f"Endpoint E of account {ACCOUNT} not found."),
        ("e", "other", "Variant other not found for Request."),
        ("held", None, f"Endpoint held of account {ACCOUNT} is not in service: its status is Creating."),
        ("failed", None, f"Endpoint failed of account {ACCOUNT} is not in service: its status is Failed."),
    ],
)
def test_what_cannot_be_invoked_is_told_as_the_runtime_tells_it(
    host: Host, name: str, variant: str | None, message: str
) -> None:
    """ValidationError with 400, for an endpoint whose name has another case too."""
    host.create("e", "m")
    host.create("held", "hold-m")
    host.create("failed", "fail-m")
    host.keeper.settled(REGION, "e")
    assert host.keeper.settled(REGION, "failed").failure_reason == REFUSAL
    with pytest.raises(ApiError) as refused:
        host.keeper.target(REGION, ACCOUNT, name, variant)
    assert (refused.value.code, refused.value.status, refused.value.message) == ("ValidationError", 400, message)


def test_whoever_waits_is_told_of_the_end(database: Database) -> None:
    """Waiting for an endpoint ends when the emulator does, and leaves the endpoint as it is."""
    with ThreadPoolExecutor() as pool, living(database) as host:
        host.create("e", "hold-m")
        waiting = pool.submit(host.keeper.settled, REGION, "e")
        host.servers.loading("e", "hold-m")
    assert isinstance(waiting.exception(), ServerEnding)
    assert host.status("e") is EndpointStatus.CREATING
