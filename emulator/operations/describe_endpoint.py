"""DescribeEndpoint."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.descriptions import describe_endpoint as description_of
from emulator.protocol import Call
from emulator.services import Services


def describe_endpoint(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """The endpoint as its record has it. Raises ValidationException, for which botocore's EndpointDeleted waits."""
    return description_of(services.hosting.endpoints.get(call.region, request["EndpointName"]))
