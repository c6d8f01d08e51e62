"""Whether a table has the column that is to be predicted: the service reads the header when a job is created."""

import csv
from collections.abc import Callable, Mapping
from typing import Any

from emulator import errors

LONGEST_HEADER = 1024 * 1024
"""Bytes that are read for a header; of a longer one nothing is said."""
_CSV = "text/csv"
_PLAIN = {"None", None}


def check_target(request: Mapping[str, Any], beginning: Callable[[str], bytes]) -> None:
    """TargetAttributeName is in the header of each CSV channel of tabular data, as far as that can be told.

    `beginning` gives the first bytes under an S3 URI. Raises ValidationException.
    """
    tabular = request["AutoMLProblemTypeConfig"].get("TabularJobConfig")
    if tabular is None:
        return
    target = tabular["TargetAttributeName"]
    for channel in filter(_is_plain_csv, request["AutoMLJobInputDataConfig"]):
        names = _header(beginning(channel["DataSource"]["S3DataSource"]["S3Uri"]))
        if names and target not in names:
            raise errors.no_target_in_header(target)


def _is_plain_csv(channel: Mapping[str, Any]) -> bool:
    is_prefix = channel["DataSource"]["S3DataSource"]["S3DataType"] == "S3Prefix"
    is_csv = channel.get("ContentType", _CSV).lower().startswith(_CSV)
    return is_prefix and is_csv and channel.get("CompressionType") in _PLAIN


def _header(content: bytes) -> list[str]:
    """The names in the first line; none where that is cut, or no text."""
    first, rest, _ = content.partition(b"\n")
    if not rest and len(content) >= LONGEST_HEADER:
        return []
    try:
        return next(csv.reader([first.decode("utf-8-sig")], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return []
