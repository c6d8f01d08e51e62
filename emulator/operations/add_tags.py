"""AddTags, for every resource that is ours."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.tags import describe_tags, from_list
from emulator.validation.resource_arn import check_region
from emulator.validation.rules import check_tag_keys


def add_tags(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add tags or overwrite them, and answer all. Raises ValidationException, ResourceLimitExceeded."""
    check_tag_keys(request["Tags"])
    check_region(request["ResourceArn"], call.region)
    return {"Tags": describe_tags(services.tags.change(request["ResourceArn"], added=from_list(request["Tags"])))}
