"""DeleteModel."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services


def delete_model(services: Services, call: Call, request: Mapping[str, Any]) -> None:
    """Forget a model; its artifact stays, and so does an endpoint that serves it. Raises ValidationException."""
    services.hosting.models.remove(call.region, request["ModelName"])
