"""AddTags, for AutoML jobs."""

from collections.abc import Mapping
from typing import Any

from emulator.jobs.descriptions import describe_tags
from emulator.protocol import Call
from emulator.services import Services


def add_tags(services: Services, _call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add tags or overwrite them, and answer all. Raises ValidationException, ResourceLimitExceeded."""
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    return {"Tags": describe_tags(services.store.change_tags(request["ResourceArn"], added=added))}
