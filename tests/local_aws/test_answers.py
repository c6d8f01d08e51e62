"""Answers of S3 that moto would give otherwise: ranges, access lists, names of keys and of buckets."""

from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.durable import durable_server, kill
from tests.support.server import Server
from tests.support.signing import FOR_S3

BUCKET = "answers"


@pytest.fixture(name="s3")
def _s3(own_server: Server) -> Any:
    """A client of a server that has the bucket."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return s3


def put_in_parts(s3: Any, key: str) -> dict[str, str]:
    """Upload an object in parts; returns what names it."""
    named = {"Bucket": BUCKET, "Key": key}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    tag = s3.upload_part(**named, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    done = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload=done)
    return named


@pytest.mark.parametrize(
    "asked", ["junk", "bytes", "=", "bytes=", "bytes=-", "bytes=1-2=3", "bytes=a-b", "items=1-2", "bytes=+1-2", "1-2"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_malformed_range_is_ignored(own_server: Server, s3: Any, method: str, asked: str) -> None:
    """A Range that cannot be read is no range: the answer is 200 and the whole object."""
    s3.put_object(Bucket=BUCKET, Key="range", Body=b"0123456789")
    headers = FOR_S3 | {"Range": asked}
    answer = requests.request(method, f"{own_server.url}/{BUCKET}/range", headers=headers, timeout=30)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "10")
    assert answer.content == (b"0123456789" if method == "GET" else b"")


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99999999999999999999-", "bytes=-0"])
def test_range_beyond_the_end_is_refused(s3: Any, asked: str) -> None:
    """A Range that lies outside of the object is 416 InvalidRange."""
    s3.put_object(Bucket=BUCKET, Key="range", Body=b"0123456789")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=BUCKET, Key="range", Range=asked)
    assert caught.value.response["Error"]["Code"] == "InvalidRange"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 416


@pytest.mark.parametrize("date", ["junk", "", "2015-10-21", "Wed, 99 Oct 2015 07:28:00 GMT"])
def test_malformed_date_is_ignored(own_server: Server, s3: Any, date: str) -> None:
    """A condition whose date cannot be read is no condition."""
    s3.put_object(Bucket=BUCKET, Key="date", Body=b"0")
    for name in ("If-Modified-Since", "If-Unmodified-Since"):
        answer = requests.get(f"{own_server.url}/{BUCKET}/date", headers=FOR_S3 | {name: date}, timeout=30)
        assert answer.content == b"0"


def test_upload_in_parts_is_an_object_like_others(own_server: Server, s3: Any) -> None:
    """Access list, tags and attributes of an object that came in parts can be read and set, and it is private."""
    named = put_in_parts(s3, "parts")
    s3.put_object(Bucket=BUCKET, Key="whole", Body=b"part")
    assert s3.get_object_acl(**named)["Grants"] == s3.get_object_acl(Bucket=BUCKET, Key="whole")["Grants"]
    assert requests.get(f"{own_server.url}/{BUCKET}/parts", timeout=30).status_code == 403
    s3.put_object_tagging(**named, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_object_tagging(**named)["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert s3.get_object_attributes(**named, ObjectAttributes=["ETag", "ObjectSize"])["ObjectSize"] == 4
    s3.put_object_acl(**named, ACL="public-read")
    assert requests.get(f"{own_server.url}/{BUCKET}/parts", timeout=30).content == b"part"


def test_keys_may_have_line_breaks(s3: Any) -> None:
    """A newline in a key is a character like others, for whatever is done with the object."""
    for key in ("a\nb", "\n", "a/\nb\n"):
        named = {"Bucket": BUCKET, "Key": key}
        s3.put_object(**named, Body=key.encode())
        assert s3.get_object(**named)["Body"].read() == key.encode()
        s3.put_object_tagging(**named, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        assert key in [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        s3.copy_object(**named | {"Key": f"{key}copy"}, CopySource=named)
        assert put_in_parts(s3, f"{key}parts")["Key"] == f"{key}parts"
        deleted = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key}]})["Deleted"]
        assert [found["Key"] for found in deleted] == [key]
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(**named)


def test_buckets_are_listed_by_name(tmp_path: Path) -> None:
    """ListBuckets goes by name, whatever the order in which they were made, before a restart and after it."""
    for _ in range(2):
        with durable_server(tmp_path) as (server, process):
            s3 = server.client("s3")
            for name in ("zebra", "middle", "aardvark"):
                s3.create_bucket(Bucket=name)
            assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["aardvark", "middle", "zebra"]
            kill(process)


def test_folders_whose_names_no_bucket_has(tmp_path: Path) -> None:
    """A folder under a name that S3 refuses is no bucket, and stays as it is."""
    names = ["192.168.0.1", "a..b", "xn--abc", "abc-s3alias"]
    for name in names:
        (tmp_path / "s3" / name).mkdir(parents=True)
        (tmp_path / "s3" / name / "file").touch()
    with durable_server(tmp_path) as (server, _):
        assert not server.client("s3").list_buckets()["Buckets"]
    assert all((tmp_path / "s3" / name / "file").exists() for name in names)


def test_names_that_xml_cannot_have(s3: Any) -> None:
    """Keys with control characters, or that look encoded, are listed as they are by every listing of a client."""
    for key in ("\x01/odd\x1b", "odd%20/a%2Fb"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
        folder = key.partition("/")[0] + "/"
        assert s3.list_objects_v2(Bucket=BUCKET, Prefix=folder)["Contents"][0]["Key"] == key
        assert s3.list_objects(Bucket=BUCKET, Prefix=folder)["Contents"][0]["Key"] == key
        assert s3.list_object_versions(Bucket=BUCKET, Prefix=folder)["Versions"][0]["Key"] == key
        for listing in (s3.list_objects, s3.list_objects_v2):
            prefixes = [found["Prefix"] for found in listing(Bucket=BUCKET, Delimiter="/")["CommonPrefixes"]]
            assert folder in prefixes
