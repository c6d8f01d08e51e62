"""DeleteTags, for every resource that is ours."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services
from emulator.validation.resource_arn import check_region


def delete_tags(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove tags; keys that are not there are passed over. Raises ValidationException."""
    check_region(request["ResourceArn"], call.region)
    services.tags.change(request["ResourceArn"], removed=request["TagKeys"])
    return {}
