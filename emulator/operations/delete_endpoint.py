"""DeleteEndpoint."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services


def delete_endpoint(services: Services, call: Call, request: Mapping[str, Any]) -> None:
    """Begin to end an endpoint's processes; it is gone when they are. Raises ValidationException."""
    services.keeper.change(call.region, request["EndpointName"], lambda endpoint: endpoint.deleting(services.clock()))
