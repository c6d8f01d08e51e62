"""ListTags, for every resource that is ours."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.tags import describe_tags
from emulator.validation.resource_arn import check_region


def list_tags(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """All tags on one page: a resource has at most 50, the least that MaxResults may be. Raises ValidationException."""
    check_region(request["ResourceArn"], call.region)
    tags = services.tags.of(request["ResourceArn"])
    if "NextToken" in request:
        raise errors.invalid_next_token()
    return {"Tags": describe_tags(tags)}
