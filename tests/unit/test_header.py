"""What can be told of the header of tabular data, and what is left to the job."""

from typing import Any

import pytest

from emulator.errors import ApiError
from emulator.validation.rules.header import LONGEST_HEADER, check_target


def judge(content: bytes, target: str = "y", **channel: Any) -> None:
    """Judge a request whose training data begin with the content."""
    source = {"S3DataSource": {"S3DataType": channel.pop("S3DataType", "S3Prefix"), "S3Uri": "s3://b/k"}}
    config = {"TabularJobConfig": {"TargetAttributeName": target}}
    request = {"AutoMLJobInputDataConfig": [{"DataSource": source} | channel], "AutoMLProblemTypeConfig": config}
    check_target(request, lambda uri: content if uri == "s3://b/k" else b"")


@pytest.mark.parametrize(
    ("content", "target"),
    [
        (b"x,y\n1,2\n", "y"),
        (b"\xef\xbb\xbfy,x\r\n", "y"),
        (b'x,"the target, here"\n', "the target, here"),
        (b"x,y", "y"),
        ("größe,x\n".encode(), "größe"),
    ],
)
def test_a_column_of_the_header_is_found(content: bytes, target: str) -> None:
    """A target that the header has is accepted, with a byte order mark, quotes, carriage returns or no line's end."""
    judge(content, target)


@pytest.mark.parametrize("content", [b"x,Y\n", b"x, y\n", b"x\ny\n", b"x,yy\r\n", b"x"])
def test_a_target_that_the_header_lacks_is_refused(content: bytes) -> None:
    """Names are compared as they are, and those of the first line alone count."""
    with pytest.raises(ApiError, match=r"Target attribute name y does not exist in header\."):
        judge(content)


@pytest.mark.parametrize(
    ("content", "channel"),
    [
        (b"", {}),
        (b"\xff\xfex\n", {}),
        (b'"x\n', {}),
        (b"x" * LONGEST_HEADER, {}),
        (b"x\n", {"ContentType": "x-application/vnd.amazon+parquet"}),
        (b"x\n", {"CompressionType": "Gzip"}),
        (b"x\n", {"S3DataType": "ManifestFile"}),
    ],
)
def test_what_cannot_be_told_is_left_to_the_job(content: bytes, channel: dict[str, str]) -> None:
    """Nothing is said of data without a header that can be read: the job itself reads them."""
    judge(content, **channel)
