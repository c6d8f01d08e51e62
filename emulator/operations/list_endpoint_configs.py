"""ListEndpointConfigs."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.descriptions import summarize_config
from emulator.endpoints.listing import Query
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.pages import arguments


def list_endpoint_configs(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of summaries. Raises ValidationException for a token that is not ours."""
    found, token = services.hosting.configs.page(call.region, Query(**arguments(request)))
    page: dict[str, Any] = {"EndpointConfigs": [summarize_config(one) for one in found]}
    return page | ({} if token is None else {"NextToken": token})
