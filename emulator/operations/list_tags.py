"""ListTags, for AutoML jobs."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.jobs.descriptions import describe_tags
from emulator.protocol import Call
from emulator.services import Services
from emulator.validation.resource_arn import check_region


def list_tags(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """All tags on one page: a resource has at most 50, the least that MaxResults may be. Raises ValidationException."""
    check_region(request["ResourceArn"], call.region)
    tags = services.store.tags_of(request["ResourceArn"])
    if "NextToken" in request:
        raise errors.invalid_next_token()
    return {"Tags": describe_tags(tags)}
