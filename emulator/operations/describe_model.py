"""DescribeModel."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.descriptions import describe_model as description_of
from emulator.protocol import Call
from emulator.services import Services


def describe_model(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """The model as its record has it. Raises ValidationException."""
    return description_of(services.hosting.models.get(call.region, request["ModelName"]))
