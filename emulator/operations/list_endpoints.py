"""ListEndpoints."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.descriptions import summarize_endpoint
from emulator.endpoints.listing import Query
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.pages import arguments


def list_endpoints(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of summaries. Raises ValidationException for a token that is not ours."""
    found, token = services.hosting.endpoints.page(call.region, Query(**arguments(request)))
    page: dict[str, Any] = {"Endpoints": [summarize_endpoint(one) for one in found]}
    return page | ({} if token is None else {"NextToken": token})
