"""Endpoints whose database takes nothing for a while."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emulator.endpoints.keeper import LONGEST_SHUTDOWN_SECONDS
from emulator.endpoints.record import EndpointStatus
from emulator.errors import ApiError
from emulator.storage.database import Database
from tests.support.hosted import REGION, living
from tests.support.waiting import settled


@pytest.fixture(name="database")
def _database() -> Iterator[Database]:
    database = Database()
    yield database
    database.close()


def take_nothing(database: Database, *, closed: bool) -> None:
    """Let every change fail as on a full disk, or none any more."""
    with database.reading() as db:
        db.execute(f"PRAGMA query_only = {int(closed)}")


@contextmanager
def without_room(database: Database) -> Iterator[None]:
    """A database that takes nothing."""
    take_nothing(database, closed=True)
    yield
    take_nothing(database, closed=False)


def wait_for_a_try(caplog: pytest.LogCaptureFixture) -> None:
    """Return once a change was tried in vain."""
    assert settled(lambda: "cannot be written" in caplog.text, True, seconds=20)


@pytest.mark.parametrize(
    ("loads", "status", "reason"),
    [(True, EndpointStatus.IN_SERVICE, None), (False, EndpointStatus.FAILED, "closed while loading")],
)
def test_end_of_a_creation_waits_for_room(
    database: Database, caplog: pytest.LogCaptureFixture, loads: bool, status: EndpointStatus, reason: str | None
) -> None:
    """What a deployment came to is written as soon as there is room, a failure with its own reason."""
    with living(database) as host:
        host.create("e", "hold-m")
        server = host.servers.loading("e", "hold-m")
        with without_room(database):
            (server.released.set if loads else server.close)()
            wait_for_a_try(caplog)
            assert host.status("e") is EndpointStatus.CREATING
        endpoint = host.keeper.settled(REGION, "e")
        assert (endpoint.status, endpoint.failure_reason) == (status, reason)
        assert server.closed.is_set() is not loads


def test_end_of_an_update_waits_for_room(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """What served goes on serving until the update can be written, and ends then."""
    with living(database) as host:
        host.create("e", "old")
        host.keeper.settled(REGION, "e")
        host.update("e", "hold-new")
        server = host.servers.loading("e", "hold-new")
        with without_room(database):
            server.released.set()
            wait_for_a_try(caplog)
            assert host.target("e") == "old"
        host.keeper.settled(REGION, "e")
        assert host.target("e") == "hold-new"


def test_end_of_a_deletion_waits_for_room(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """An endpoint that was being deleted is gone as soon as that can be written."""
    with living(database) as host:
        host.create("e", "m")
        host.keeper.settled(REGION, "e")
        host.hosting.endpoints.change(REGION, "e", lambda endpoint: endpoint.deleting(2.0))
    with without_room(database), living(database) as host:
        wait_for_a_try(caplog)
        assert host.status("e") is EndpointStatus.DELETING
        take_nothing(database, closed=False)
        with pytest.raises(ApiError, match="Could not find endpoint"):
            host.keeper.settled(REGION, "e")


def test_end_of_the_emulator_does_not_wait_for_room(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever could not be written is left to the next start."""
    with living(database) as host:
        host.create("e", "hold-m")
        server = host.servers.loading("e", "hold-m")
        take_nothing(database, closed=True)
        server.close()
        wait_for_a_try(caplog)
        began = time.monotonic()
    assert time.monotonic() - began < LONGEST_SHUTDOWN_SECONDS
    assert "the record of e stays as it is" in caplog.text
    take_nothing(database, closed=False)
    with living(database) as host:
        host.servers.release("e", "hold-m")
        assert host.keeper.settled(REGION, "e").status is EndpointStatus.IN_SERVICE
