"""Which tag keys a request may give (TagList; "Tagging Amazon Web Services resources")."""

from collections import Counter
from collections.abc import Iterable, Mapping

from emulator import errors

RESERVED_PREFIX = "aws:"


def check_tag_keys(tags: Iterable[Mapping[str, str]]) -> None:
    """Each key once, case counting, and none with AWS's own prefix in whatever case. Raises ValidationException."""
    for key, count in Counter(tag["Key"] for tag in tags).items():
        if count > 1:
            raise errors.repeated_tag_key(key)
        if key.lower().startswith(RESERVED_PREFIX):
            raise errors.reserved_tag_key(key)
