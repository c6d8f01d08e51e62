"""Objects of any key and of any type: what was sent is what is there."""

from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server

KEYS = [
    "a b",
    "a%20b",
    "a%2Fb",
    "%2e%2e/z",
    "q",
    "q?x=1",
    "?",
    "?versioning",
    "h#sh",
    "a+b",
    "ü☃",
    "a//b",
    "100%25",
    "..",
]
TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/x-amz-json-1.1",
    "application/x-amz-json-1.0",
]
BODIES = [b"a=b&c=d", b"\xff\xfe=\x00", b"Action=ListUsers&Version=2010-05-08", b"--x--"]


@pytest.fixture(name="s3")
def _s3(own_server: Server) -> Any:
    return own_server.client("s3")


def test_keys_are_as_they_were_sent(s3: Any) -> None:
    """Keys that look encoded, or like a query, are keys of their own for whatever is done with them."""
    for key in KEYS:
        s3.put_object(Bucket=BUCKET, Key=f"keys/{key}", Body=key.encode())
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="keys/")["Contents"]] == sorted(
        f"keys/{key}" for key in KEYS
    )
    for key in KEYS:
        named = {"Bucket": BUCKET, "Key": f"keys/{key}"}
        s3.put_object_tagging(**named, Tagging={"TagSet": [{"Key": "of", "Value": "it"}]})
        assert s3.get_object_tagging(**named)["TagSet"] == [{"Key": "of", "Value": "it"}]
        s3.delete_object_tagging(**named)
        s3.copy_object(Bucket=BUCKET, Key=f"copies/{key}", CopySource=named)
        for folder in ("keys", "copies"):
            assert s3.get_object(Bucket=BUCKET, Key=f"{folder}/{key}")["Body"].read() == key.encode()
        parts = {"Bucket": BUCKET, "Key": f"parts/{key}"}
        upload = s3.create_multipart_upload(**parts)["UploadId"]
        tag = s3.upload_part(**parts, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
        done = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
        s3.complete_multipart_upload(**parts, UploadId=upload, MultipartUpload=done)
        assert s3.get_object(**parts)["Body"].read() == b"part"
    s3.delete_object(Bucket=BUCKET, Key="keys/a%20b")
    assert s3.get_object(Bucket=BUCKET, Key="keys/a b")["Body"].read() == b"a b"


def test_jobs_find_their_data_under_any_key(own_server: Server, s3: Any) -> None:
    """Data are looked for under the very key of the URI, a percent sign included."""
    s3.put_object(Bucket=BUCKET, Key="run 100%25/train.csv", Body=b"input,output\na,b\n")
    request = text_generation("done-percent", channel("run 100%25/train.csv"))
    own_server.client("sagemaker").create_auto_ml_job_v2(**request)
    missing = text_generation("done-missing", channel("run 100%/train.csv"))
    with pytest.raises(ClientError, match="No S3 objects found"):
        own_server.client("sagemaker").create_auto_ml_job_v2(**missing)


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("body", BODIES)
def test_content_of_any_type_is_kept(own_server: Server, s3: Any, content_type: str, body: bytes) -> None:
    """A body is an object's content even if its type is that of a form or of another protocol, however it is signed."""
    named = {"Bucket": BUCKET, "Key": "types/object", "ContentType": content_type}
    signer = boto3.client(
        "s3",
        endpoint_url=own_server.url,
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - no secret
        region_name="us-east-1",
        config=Config(signature_version="s3v4"),
    )
    presigned = signer.generate_presigned_url("put_object", Params=named)
    headers = {"Content-Type": content_type}
    for send in (
        lambda: s3.put_object(**named, Body=body),
        lambda: requests.put(presigned, data=body, headers=headers, timeout=30).raise_for_status(),
        lambda: requests.put(f"{own_server.url}/{BUCKET}/types/object", data=body, headers=headers, timeout=30),
    ):
        s3.delete_object(Bucket=BUCKET, Key="types/object")  # nobody unsigned may write over it
        send()
        found = s3.get_object(Bucket=BUCKET, Key="types/object")
        assert (found["Body"].read(), found["ContentType"]) == (body, content_type)


def test_form_of_a_browser_is_read_as_one(own_server: Server, s3: Any) -> None:
    """A posted form stores its file under its key."""
    posted = requests.post(
        f"{own_server.url}/{BUCKET}", data={"key": "forms/${filename}"}, files={"file": ("a.txt", b"text")}, timeout=30
    )
    assert posted.status_code < 300
    assert s3.get_object(Bucket=BUCKET, Key="forms/a.txt")["Body"].read() == b"text"


@pytest.mark.parametrize(
    ("call", "members"),
    [
        ("upload_part", {"PartNumber": 1, "Body": b"x"}),
        ("complete_multipart_upload", {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "x"}]}}),
    ],
)
def test_unknown_upload_is_told_as_s3_does(s3: Any, call: str, members: dict[str, Any]) -> None:
    """An upload in parts that does not exist, as none does after a restart, is NoSuchUpload."""
    with pytest.raises(ClientError) as caught:
        getattr(s3, call)(Bucket=BUCKET, Key="k", UploadId="none", **members)
    assert caught.value.response["Error"]["Code"] == "NoSuchUpload"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_keys_have_at_most_1024_bytes(s3: Any) -> None:
    """The longest key is taken, and one byte more is refused; bytes of UTF-8 count."""
    s3.put_object(Bucket=BUCKET, Key="z" * 1024, Body=b"")
    for key in ("z" * 1025, "☃" * 342):
        with pytest.raises(ClientError) as caught:
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
        assert caught.value.response["Error"]["Code"] == "KeyTooLongError"
