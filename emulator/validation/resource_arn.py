"""Which resources the tag operations know of (AddTags, ListTags, DeleteTags)."""

from emulator import errors


def check_region(arn: str, region: str) -> None:
    """A resource is known in its own region alone. Raises ValidationException."""
    if arn.split(":")[3] != region:
        raise errors.resource_not_found_for_tags(arn)
