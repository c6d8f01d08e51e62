"""Whether the input data are there (AutoMLS3DataSource; words of CreateTrainingJob), and have the column to predict."""

from collections.abc import Mapping
from typing import Any, Protocol

from emulator import errors
from emulator.s3.layout import S3Uri, parse_s3_uri
from emulator.validation.rules.header import LONGEST_HEADER, check_target


class ObjectIndex(Protocol):
    """What the rules ask of S3."""

    def any_under(self, uri: S3Uri) -> bool:
        """Whether an object's key begins with the URI's."""

    def has(self, uri: S3Uri) -> bool:
        """Whether there is an object of the URI's key."""

    def beginning(self, uri: S3Uri, size: int) -> bytes:
        """So many bytes of the first object that has any and whose key begins with the URI's; none where none has."""


def check_s3(request: Mapping[str, Any], region: str, objects: ObjectIndex) -> None:
    """Each channel's prefix has objects, each manifest is one; the output URI names a bucket; tables have their target.

    Raises ValidationException.
    """
    for channel in request["AutoMLJobInputDataConfig"]:
        source = channel["DataSource"]["S3DataSource"]
        location = _location("S3Uri", source["S3Uri"])
        found = objects.any_under if source["S3DataType"] == "S3Prefix" else objects.has
        if not found(location):
            raise errors.no_s3_objects(source["S3Uri"], region, request["RoleArn"], location.bucket)
    _location("S3OutputPath", request["OutputDataConfig"]["S3OutputPath"])
    check_target(request, lambda uri: objects.beginning(_location("S3Uri", uri), LONGEST_HEADER))


def _location(member: str, uri: str) -> S3Uri:
    try:
        return parse_s3_uri(uri)
    except ValueError:
        raise errors.no_bucket_in_uri(member, uri) from None
