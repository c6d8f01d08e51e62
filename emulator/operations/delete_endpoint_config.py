"""DeleteEndpointConfig."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services


def delete_endpoint_config(services: Services, call: Call, request: Mapping[str, Any]) -> None:
    """Forget an endpoint configuration; an endpoint that was made of it stays. Raises ValidationException."""
    services.hosting.configs.remove(call.region, request["EndpointConfigName"])
