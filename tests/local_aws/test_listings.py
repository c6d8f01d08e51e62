"""Listings of objects and of parts: every page once, and nothing that is not there."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.server import Server

BUCKET = "listings"
KEYS = ("a/1", "a/2", "b", "c/d/1", "e", "\u00fc/1", "z/1")


@pytest.fixture(name="s3")
def _s3(own_server: Server) -> Any:
    """A client of a server that has the bucket, with objects in it."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for key in KEYS:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    return s3


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_of_folders(s3: Any, operation: str, size: int) -> None:
    """A listing by folders tells each object and each folder once, in order, in pages of the size that is asked for."""
    pages = list(
        s3.get_paginator(operation).paginate(Bucket=BUCKET, Delimiter="/", PaginationConfig={"PageSize": size})
    )
    told = [
        sorted(
            [item["Key"] for item in page.get("Contents", ())] + [f["Prefix"] for f in page.get("CommonPrefixes", ())]
        )
        for page in pages
    ]
    assert [name for names in told for name in names] == ["a/", "b", "c/", "e", "z/", "\u00fc/"]
    assert {len(names) for names in told[:-1]} <= {size}


def test_marker_within_a_folder(s3: Any) -> None:
    """A marker that is a key leaves the folder in which others follow it; one that is a folder does not."""
    for marker, first in (("a/1", "a/"), ("a/", "c/"), ("a/2", "c/")):
        listed = s3.list_objects(Bucket=BUCKET, Delimiter="/", Marker=marker)
        assert listed["CommonPrefixes"][0]["Prefix"] == first
    assert "NextMarker" not in s3.list_objects(Bucket=BUCKET, MaxKeys=1)


def test_folders_of_deleted_objects(s3: Any) -> None:
    """A folder in which all objects are deleted is not listed, though their versions are there."""
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a/1", "a/2"):
        s3.delete_object(Bucket=BUCKET, Key=key)
    for listing in (s3.list_objects, s3.list_objects_v2):
        assert "a/" not in [found["Prefix"] for found in listing(Bucket=BUCKET, Delimiter="/")["CommonPrefixes"]]


def test_parts_in_pages_and_in_order(s3: Any) -> None:
    """Parts are listed in pages whatever their numbers, and are named in order, each once, to complete an upload."""
    named = {"Bucket": BUCKET, "Key": "parts"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    tags = {n: s3.upload_part(**named, UploadId=upload, PartNumber=n, Body=b"part")["ETag"] for n in (20, 5, 10)}
    pages = s3.get_paginator("list_parts").paginate(**named, UploadId=upload, PaginationConfig={"PageSize": 1})
    assert [[part["PartNumber"] for part in page["Parts"]] for page in pages] == [[5], [10], [20]]
    for numbers in ((10, 5), (5, 5)):
        done = {"Parts": [{"PartNumber": n, "ETag": tags[n]} for n in numbers]}
        with pytest.raises(ClientError, match="InvalidPartOrder"):
            s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload=done)


def test_uploads_of_other_keys(s3: Any) -> None:
    """An upload that is named with another key than its own is NoSuchUpload, and stays for its own."""
    named, other = ({"Bucket": BUCKET, "Key": key} for key in ("own \u00fc+%", "other"))
    upload = {"UploadId": s3.create_multipart_upload(**named)["UploadId"]}
    tag = s3.upload_part(**named, **upload, PartNumber=1, Body=b"part")["ETag"]
    done = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": tag}]}}
    calls: tuple[Callable[[], Any], ...] = (
        lambda: s3.upload_part(**other, **upload, PartNumber=1, Body=b"other"),
        lambda: s3.list_parts(**other, **upload),
        lambda: s3.complete_multipart_upload(**other, **upload, **done),
        lambda: s3.abort_multipart_upload(**other, **upload),
    )
    for call in calls:
        with pytest.raises(ClientError, match="NoSuchUpload"):
            call()
    s3.complete_multipart_upload(**named, **upload, **done)
    assert s3.get_object(**named)["Body"].read() == b"part"
