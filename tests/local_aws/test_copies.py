"""Copies of objects and of parts: only under the conditions that the request names, and only what it names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.server import Server

BUCKET = "copies-own"
OTHER = '"00000000000000000000000000000000"'
EARLIER, LATER = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))


@pytest.fixture(name="s3")
def _s3(own_server: Server) -> Any:
    """A client of a server that has the bucket, with an object in it."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="source", Body=b"0123456789")
    s3.delete_object(Bucket=BUCKET, Key="copy")
    return s3


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"CopySourceIfMatch": OTHER}, False),
        ({"CopySourceIfMatch": "own"}, True),
        ({"CopySourceIfMatch": "own", "CopySourceIfUnmodifiedSince": EARLIER}, True),
        ({"CopySourceIfUnmodifiedSince": EARLIER}, False),
        ({"CopySourceIfUnmodifiedSince": LATER}, True),
        ({"CopySourceIfNoneMatch": "own"}, False),
        ({"CopySourceIfNoneMatch": OTHER}, True),
        ({"CopySourceIfNoneMatch": "own", "CopySourceIfModifiedSince": EARLIER}, False),
        ({"CopySourceIfModifiedSince": LATER}, False),
        ({"CopySourceIfModifiedSince": EARLIER}, True),
    ],
)
def test_conditions_of_a_copy(s3: Any, condition: dict[str, Any], holds: bool) -> None:
    """A copy whose condition does not hold is 412 PreconditionFailed, of an object and of a part, and is not made."""
    own = s3.head_object(Bucket=BUCKET, Key="source")["ETag"]
    asked = {name: own if value == "own" else value for name, value in condition.items()}
    named = {"Bucket": BUCKET, "Key": "copy"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    for copy, also in ((s3.copy_object, {}), (s3.upload_part_copy, {"UploadId": upload, "PartNumber": 1})):
        if holds:
            copy(**named, CopySource=f"{BUCKET}/source", **also, **asked)
        else:
            with pytest.raises(ClientError, match="PreconditionFailed"):
                copy(**named, CopySource=f"{BUCKET}/source", **also, **asked)
    assert ("copy" in [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]) is holds


@pytest.mark.parametrize("asked", ["junk", "bytes=0-", "bytes=-3", "bytes=5-2", "bytes=0-10", "bytes=20-30"])
def test_ranges_that_a_part_cannot_be_copied_from(s3: Any, asked: str) -> None:
    """A range that is none, or goes beyond the source's end, is InvalidArgument: the part is not the whole source."""
    named = {"Bucket": BUCKET, "Key": "parts"}
    upload = {"UploadId": s3.create_multipart_upload(**named)["UploadId"], "PartNumber": 1}
    with pytest.raises(ClientError, match="InvalidArgument"):
        s3.upload_part_copy(**named, **upload, CopySource=f"{BUCKET}/source", CopySourceRange=asked)
    s3.upload_part_copy(**named, **upload, CopySource=f"{BUCKET}/source", CopySourceRange="bytes=8-9")
    assert s3.list_parts(**named, UploadId=upload["UploadId"])["Parts"][0]["Size"] == 2


@pytest.mark.parametrize("directive", ["MetadataDirective", "TaggingDirective"])
def test_directives_that_there_are_not(s3: Any, directive: str) -> None:
    """A directive that is neither COPY nor REPLACE is InvalidArgument."""
    with pytest.raises(ClientError, match="InvalidArgument"):
        s3.copy_object(Bucket=BUCKET, Key="copy", CopySource=f"{BUCKET}/source", **{directive: "KEEP"})
