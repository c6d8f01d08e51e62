"""In which form a problem type takes its data (AutoMLJobChannel, CreateAutoMLJobV2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator import errors
from emulator.validation.rules.documented import DOCUMENTED, Documented

Channel = Mapping[str, Any]


def check_data_formats(channels: Sequence[Channel], problem_type: str) -> None:
    """S3DataType, ContentType and CompressionType of each channel, and of all together. Raises ValidationException."""
    documented = DOCUMENTED[problem_type]
    for channel in channels:
        _check_data_type(channel, problem_type, documented)
        _check_content_type(channel, problem_type, documented)
        _check_compression(channel, problem_type, documented)
    default = documented.content_types[0]
    if len({_normal(channel.get("ContentType", default)) for channel in channels}) > 1:
        raise errors.differing_content_types()
    if len({_data_type(channel) for channel in channels}) > 1:
        raise errors.differing_data_types()


def _data_type(channel: Channel) -> str:
    data_type: str = channel["DataSource"]["S3DataSource"]["S3DataType"]
    return data_type


def _check_data_type(channel: Channel, problem_type: str, documented: Documented) -> None:
    if _data_type(channel) not in documented.data_types:
        raise errors.unsupported_data_type(_data_type(channel), problem_type, documented.data_types)


def _check_content_type(channel: Channel, problem_type: str, documented: Documented) -> None:
    content_type = channel.get("ContentType")
    if content_type is not None and _normal(content_type) not in map(_normal, documented.content_types):
        raise errors.unsupported_content_type(content_type, problem_type, documented.content_types)


def _check_compression(channel: Channel, problem_type: str, documented: Documented) -> None:
    compression = channel.get("CompressionType", "None")
    allowed = documented.gzip and _data_type(channel) == "S3Prefix"
    if compression != "None" and not allowed:
        raise errors.unsupported_compression(compression, problem_type)


def _normal(content_type: str) -> str:
    """A content type to compare: without case and spaces, and without `header=present`, which goes without saying.

    The user guide's own request says `text/csv` where the API reference lists `text/csv;header=present` alone.
    """
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    telling = [part for part in ("".join(parameter.split()) for parameter in parameters) if part != "header=present"]
    return ";".join([media_type, *filter(None, telling)])
