"""Times of endpoints that make sense, whatever becomes of the machine's clock."""

from collections.abc import Callable

import pytest

from emulator.endpoints.record import Deployment, Endpoint, EndpointStatus

CREATED, MODIFIED, BEFORE = 1000.0, 2000.0, 500.0
NEXT = Deployment("next", {}, (), BEFORE)
STEPS: dict[str, Callable[[Endpoint], Endpoint]] = {
    "updating": lambda endpoint: endpoint.updating(NEXT, None, BEFORE),
    "reweighing": lambda endpoint: endpoint.reweighing([], BEFORE),
    "deployed": lambda endpoint: endpoint.deployed(BEFORE),
    "failed": lambda endpoint: endpoint.failed("reason", BEFORE),
    "deleting": lambda endpoint: endpoint.deleting(BEFORE),
}


@pytest.mark.parametrize("step", STEPS)
def test_clock_set_back_turns_no_time_of_an_endpoint_around(step: str) -> None:
    """Nothing that becomes of an endpoint is told as earlier than what became of it before."""
    live = Deployment("config", {}, (), CREATED)
    endpoint = Endpoint("us-east-1", "123456789012", "e", {}, CREATED, MODIFIED, EndpointStatus.IN_SERVICE, live)
    after = STEPS[step](endpoint)
    assert after.modified == MODIFIED
    assert after.pending is None or after.pending.started == MODIFIED
