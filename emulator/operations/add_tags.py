"""AddTags, for AutoML jobs."""

from collections.abc import Mapping
from typing import Any

from emulator.jobs.descriptions import describe_tags
from emulator.protocol import Call
from emulator.services import Services
from emulator.validation.resource_arn import check_region
from emulator.validation.rules import check_tag_keys


def add_tags(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add tags or overwrite them, and answer all. Raises ValidationException, ResourceLimitExceeded."""
    check_tag_keys(request["Tags"])
    check_region(request["ResourceArn"], call.region)
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    return {"Tags": describe_tags(services.store.change_tags(request["ResourceArn"], added=added))}
