"""DescribeEndpointConfig."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.descriptions import describe_config
from emulator.protocol import Call
from emulator.services import Services


def describe_endpoint_config(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration as its record has it. Raises ValidationException."""
    return describe_config(services.hosting.configs.get(call.region, request["EndpointConfigName"]))
