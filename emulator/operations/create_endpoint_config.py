"""CreateEndpointConfig."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.record import EndpointConfig
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.tags import from_list
from emulator.validation import rules


def create_endpoint_config(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check the request, see that its models are there, and keep the configuration. Raises ValidationException."""
    rules.check_endpoint_config(request)
    for variant in (*request["ProductionVariants"], *(request.get("ShadowProductionVariants") or ())):
        services.hosting.models.get(call.region, variant["ModelName"])
    members = {member: value for member, value in request.items() if member not in {"EndpointConfigName", "Tags"}}
    config = EndpointConfig(call.region, call.account, request["EndpointConfigName"], members, services.clock())
    services.hosting.configs.add(config, from_list(request.get("Tags", ())))
    return {"EndpointConfigArn": config.arn}
