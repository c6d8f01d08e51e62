"""Versions of objects: what a bucket keeps when its versioning is suspended, and lists of what is to be deleted."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.durable import durable_server, kill
from tests.support.server import Server

BUCKET = "versions-own"
PLAIN = "versions-none"


def suspend(s3: Any) -> str:
    """Make a bucket whose versioning is suspended, with an object of an older version, which is returned."""
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    version: str = s3.put_object(Bucket=BUCKET, Key="key", Body=b"older")["VersionId"]
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    return version


def kept(s3: Any, bucket: str = BUCKET) -> list[str]:
    """The versions and delete markers of the object."""
    listed = s3.list_object_versions(Bucket=bucket, Prefix="key")
    return sorted(found["VersionId"] for found in listed.get("Versions", []) + listed.get("DeleteMarkers", []))


def test_suspended_versioning_keeps_versions(own_server: Server) -> None:
    """What is written, or deleted, while versioning is suspended replaces the null version alone."""
    s3 = own_server.client("s3")
    version = suspend(s3)
    for content in (b"null", b"newer"):
        s3.put_object(Bucket=BUCKET, Key="key", Body=content)
        assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == content
        assert kept(s3) == sorted([version, "null"])
    deleted = s3.delete_object(Bucket=BUCKET, Key="key")
    assert (deleted["DeleteMarker"], deleted["VersionId"], kept(s3)) == (True, "null", sorted([version, "null"]))
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key="key")
    assert s3.get_object(Bucket=BUCKET, Key="key", VersionId=version)["Body"].read() == b"older"
    s3.delete_object(Bucket=BUCKET, Key="key", VersionId="null")
    assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"older"
    s3.delete_object(Bucket=BUCKET, Key="key", VersionId=version)
    assert kept(s3) == []
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "none"}]})
    s3.put_object(Bucket=BUCKET, Key="key", Body=b"null")
    s3.delete_object(Bucket=BUCKET, Key="key")
    assert [found["VersionId"] for found in s3.list_object_versions(Bucket=BUCKET)["DeleteMarkers"]] == ["null"]


def test_suspended_versions_outlast_the_server(tmp_path: Path) -> None:
    """Both versions of an object that was written before and after versioning was suspended are there after kill -9."""
    with durable_server(tmp_path) as (server, process):
        version = suspend(server.client("s3"))
        server.client("s3").put_object(Bucket=BUCKET, Key="key", Body=b"newer")
        kill(process)
    with durable_server(tmp_path) as (server, _):
        s3 = server.client("s3")
        assert kept(s3) == sorted([version, "null"])
        assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"newer"
        assert s3.get_object(Bucket=BUCKET, Key="key", VersionId=version)["Body"].read() == b"older"


def test_versions_that_a_bucket_has_not(own_server: Server) -> None:
    """To delete a version of an object in a bucket without any leaves the object."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=PLAIN)
    s3.put_object(Bucket=PLAIN, Key="key", Body=b"content")
    s3.delete_object(Bucket=PLAIN, Key="key", VersionId="none")
    assert s3.get_object(Bucket=PLAIN, Key="key")["Body"].read() == b"content"
    s3.delete_object(Bucket=PLAIN, Key="key", VersionId="null")
    assert kept(s3, PLAIN) == []


def test_lists_of_what_is_to_be_deleted(own_server: Server) -> None:
    """A quiet list is answered with what could not be deleted alone; one of more than 1,000 objects is refused."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=PLAIN)
    s3.put_object(Bucket=PLAIN, Key="key", Body=b"")
    listed = {"Objects": [{"Key": f"other-{number}"} for number in range(1000)] + [{"Key": "key"}]}
    with pytest.raises(ClientError, match="MalformedXML"):
        s3.delete_objects(Bucket=PLAIN, Delete=listed)
    assert kept(s3, PLAIN) == ["null"]
    answer = s3.delete_objects(Bucket=PLAIN, Delete={"Objects": listed["Objects"][1:], "Quiet": True})
    assert ("Deleted" in answer, "Errors" in answer, kept(s3, PLAIN)) == (False, False, [])
