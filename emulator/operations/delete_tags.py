"""DeleteTags, for AutoML jobs."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services


def delete_tags(services: Services, _call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove tags; keys that are not there are passed over. Raises ValidationException."""
    services.store.change_tags(request["ResourceArn"], removed=request["TagKeys"])
    return {}
