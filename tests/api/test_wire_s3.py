"""S3 through our port: what boto3 does with objects, and what a broken request gets."""

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.requests import BUCKET
from tests.support.server import Server


def test_metadata_keys_stay_as_they_are(own_server: Server) -> None:
    """Underscores and lower case of metadata keys survive the way there and back."""
    s3 = own_server.client("s3")
    metadata = {"my_key": "a_b", "my-key2": "c", "plain": "d"}
    s3.put_object(Bucket=BUCKET, Key="wire/metadata", Body=b"", Metadata=metadata)
    assert s3.head_object(Bucket=BUCKET, Key="wire/metadata")["Metadata"] == metadata
    assert s3.get_object(Bucket=BUCKET, Key="wire/metadata")["Metadata"] == metadata


def test_large_objects_and_ranges(own_server: Server) -> None:
    """Bodies far over the limit of our own operations pass, and parts of them can be read."""
    s3 = own_server.client("s3")
    body = bytes(range(256)) * 40_000
    s3.put_object(Bucket=BUCKET, Key="wire/large", Body=body)
    assert s3.head_object(Bucket=BUCKET, Key="wire/large")["ContentLength"] == len(body)
    assert s3.get_object(Bucket=BUCKET, Key="wire/large")["Body"].read() == body
    assert s3.get_object(Bucket=BUCKET, Key="wire/large", Range="bytes=300-303")["Body"].read() == body[300:304]
    s3.delete_object(Bucket=BUCKET, Key="wire/large")


def test_objects_may_be_html(own_server: Server) -> None:
    """A page that somebody stored is no page of moto's."""
    s3 = own_server.client("s3")
    s3.put_object(Bucket=BUCKET, Key="wire/page", Body=b"<html>hello", ContentType="text/html")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "wire/page"})
    assert requests.get(url, timeout=30).content == b"<html>hello"


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("head_object", {"Key": "wire/none"}, "404"),
        ("get_object", {"Key": "wire/none"}, "NoSuchKey"),
        ("get_object", {"Key": "input/facts.csv", "Range": "bytes=999999999-"}, "InvalidRange"),
        ("complete_multipart_upload", {"Key": "k", "UploadId": "none", "MultipartUpload": {"Parts": []}}, None),
    ],
)
def test_s3_errors_are_s3s(own_server: Server, operation: str, members: dict[str, object], code: str | None) -> None:
    """Errors of S3 reach boto3 as such, and none is a 5xx."""
    with pytest.raises(ClientError) as caught:
        getattr(own_server.client("s3"), operation)(Bucket=BUCKET, **members)
    assert 400 <= caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    assert code in {None, caught.value.response["Error"]["Code"]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"/{BUCKET}?delete", b"<not xml"),
        ("POST", f"/{BUCKET}?delete", b""),
        ("PUT", f"/{BUCKET}?tagging", b"<x/>"),
        ("PUT", f"/{BUCKET}?lifecycle", b"nonsense"),
        ("PUT", f"/{BUCKET}?acl", b"<x>"),
        ("GET", f"/{BUCKET}?max-keys=nonsense", b""),
        ("GET", f"/{BUCKET}?list-type=2&continuation-token=nonsense", b""),
        ("PUT", f"/{BUCKET}/k?partNumber=x&uploadId=y", b"x"),
        ("GET", f"/{BUCKET}/input/facts.csv?versionId=nonsense", b""),
        ("GET", "/%ff%fe/%00", b""),
        ("PUT", "/Bad_Bucket", b""),
        ("OPTIONS", f"/{BUCKET}/k", b""),
    ],
)
def test_broken_s3_requests(own_server: Server, method: str, path: str, body: bytes) -> None:
    """A request at which moto breaks gets a 4xx in S3's XML."""
    authorization = (
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    )
    headers = {"Authorization": authorization}
    answer = requests.request(method, own_server.url + path, data=body, headers=headers, timeout=30)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert b"<Error><Code>" in answer.content.replace(b"\n", b"").replace(b"  ", b"")
