"""Requests at which moto breaks, or which it takes for others: S3 refuses them, and nothing changes."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.server import Server
from tests.support.signing import FOR_S3

BUCKET = "refused"
POLICY = (
    '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::refused/*"}]}'
)


@pytest.fixture(name="s3")
def _s3(own_server: Server) -> Any:
    """A client of a server that has the bucket, with an object in it."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="key", Body=b"content")
    return s3


def ask(
    server: Server, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """The status and the error's code of a raw request."""
    answer = requests.request(method, server.url + path, data=body, headers=FOR_S3 | (headers or {}), timeout=30)
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("tagging", "junk"),
        ("tagging", "<Tagging>"),
        ("tagging", "<Other/>"),
        ("tagging", "<Tagging/>"),
        ("tagging", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>"),
        ("tagging", "<Tagging><TagSet><Tag><Key>a</Key><Key>b</Key><Value/></Tag></TagSet></Tagging>"),
        ("tagging", '<!DOCTYPE t [<!ENTITY a "a">]><Tagging><TagSet/></Tagging>'),
        ("lifecycle", "<LifecycleConfiguration><Rule>x</Rule></LifecycleConfiguration>"),
        ("lifecycle", "<LifecycleConfiguration><Rule><Status/><Expiration><Days>x</Days></Expiration></Rule></Lif..."),
        ("cors", "<CORSConfiguration><CORSRule/></CORSConfiguration>"),
        ("versioning", "<VersioningConfiguration/>"),
        ("versioning", "<VersioningConfiguration><Status>x</Status></VersioningConfiguration>"),
        ("encryption", "<ServerSideEncryptionConfiguration><Rule>x</Rule></ServerSideEncryptionConfiguration>"),
        ("ownershipControls", "<OwnershipControls><Rule/></OwnershipControls>"),
        ("acl", "<AccessControlPolicy><AccessControlList><Grant/></AccessControlList></AccessControlPolicy>"),
        ("publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>x</BlockPublicAcls></Pub..."),
    ],
)
def test_documents_that_are_not_of_the_schema(own_server: Server, s3: Any, query: str, body: str) -> None:
    """A body in XML that is broken, or not of the operation's schema, is MalformedXML, and the bucket as it was."""
    before = s3.get_bucket_versioning(Bucket=BUCKET).get("Status"), s3.get_bucket_acl(Bucket=BUCKET)["Grants"]
    assert ask(own_server, "PUT", f"/{BUCKET}?{query}", body.encode()) == (400, "MalformedXML")
    assert before == (s3.get_bucket_versioning(Bucket=BUCKET).get("Status"), s3.get_bucket_acl(Bucket=BUCKET)["Grants"])


@pytest.mark.parametrize("body", ["", "<Delete/>", "<Delete><Object/></Delete>", "<Delete><Object><Key>key</Key>"])
def test_broken_lists_of_keys_delete_nothing(own_server: Server, s3: Any, body: str) -> None:
    """A list of objects to delete that is broken is refused as a whole."""
    code = "MalformedXML" if body else "MissingRequestBodyError"
    assert ask(own_server, "POST", f"/{BUCKET}?delete", body.encode()) == (400, code)
    assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"content"


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "junk",
        "[]",
        '{"Statement":1}',
        '{"Statement":[1]}',
        POLICY.replace("Allow", "x"),
        POLICY.replace("Act", "x"),
    ],
)
def test_policies_that_are_none(own_server: Server, s3: Any, policy: str) -> None:
    """A policy that nobody could follow is MalformedPolicy, and does not lock the bucket's owner out."""
    assert ask(own_server, "PUT", f"/{BUCKET}?policy", policy.encode()) == (400, "MalformedPolicy")
    assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"content"


@pytest.mark.timeout(60)
def test_policies_with_many_wildcards_stop_nobody(s3: Any) -> None:
    """Signs of regular expressions in a policy mean nothing, and no pattern takes long to be compared."""
    s3.put_bucket_policy(Bucket=BUCKET, Policy=POLICY.replace("GetObject", "(a+)+" + "*a" * 500))
    assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"content"
    s3.put_bucket_policy(Bucket=BUCKET, Policy=POLICY.replace("Allow", "Deny").replace("GetObject", "G?tO*t"))
    with pytest.raises(ClientError, match=r"403|AccessDenied"):
        s3.get_object(Bucket=BUCKET, Key="key")
    s3.delete_bucket_policy(Bucket=BUCKET)


@pytest.mark.parametrize(
    ("method", "path", "headers", "told"),
    [
        ("GET", "?max-keys=x", {}, (400, "InvalidArgument")),
        ("GET", "?max-keys=", {}, (400, "InvalidArgument")),
        ("GET", "?list-type=2&max-keys=-1", {}, (400, "InvalidArgument")),
        ("GET", "?list-type=2&continuation-token=x", {}, (400, "InvalidArgument")),
        ("GET", "/key?partNumber=2", {}, (416, "InvalidPartNumber")),
        ("GET", "?encoding-type=x", {}, (400, "InvalidArgument")),
        ("PUT", "/key?partNumber=0&uploadId=x", {}, (400, "InvalidArgument")),
        ("GET", "/key?response-content-type=%ff", {}, (400, "InvalidArgument")),
        ("GET", "/key?response-content-type=a%0Ab", {}, (400, "InvalidArgument")),
        ("PUT", "/key", {"x-amz-acl": "x"}, (400, "InvalidArgument")),
        ("PUT", "/key", {"x-amz-grant-read": "x"}, (400, "InvalidArgument")),
        ("PUT", "/key", {"x-amz-copy-source": "x"}, (400, "InvalidArgument")),
        ("PUT", "/key", {"x-amz-object-lock-retain-until-date": "x"}, (400, "InvalidArgument")),
        ("PUT", "?acl", {}, (400, "MissingSecurityHeader")),
        ("POST", "/key", {}, (405, "MethodNotAllowed")),
        ("PATCH", "/key", {}, (405, "MethodNotAllowed")),
        ("OPTIONS", "/key", {}, (400, "BadRequest")),
        ("POST", "", {}, (412, "PreconditionFailed")),
    ],
)
def test_parameters_that_s3_does_not_take(
    own_server: Server, s3: Any, method: str, path: str, headers: dict[str, str], told: tuple[int, str]
) -> None:
    """A parameter or a header with a value that it cannot have is refused as S3 does, and the object as it was."""
    assert ask(own_server, method, f"/{BUCKET}{path}", headers=headers) == told
    assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"content"


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("PUT", "/key?renameObject", (400, "NotImplemented")),
        ("PUT", "/key?encryption", (400, "NotImplemented")),
        ("PUT", "/key?torrent", (400, "NotImplemented")),
        ("PUT", "/key?attributes", (405, "MethodNotAllowed")),
        ("DELETE", "/key?acl", (405, "MethodNotAllowed")),
        ("DELETE", "/key?retention", (405, "MethodNotAllowed")),
    ],
)
def test_unknown_operations_change_no_object(
    own_server: Server, s3: Any, method: str, path: str, told: tuple[int, str]
) -> None:
    """What asks for an operation that S3, or moto, has not is refused, and not done to the whole object."""
    assert ask(own_server, method, f"/{BUCKET}{path}") == told
    assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"content"


@pytest.mark.parametrize("query", ["metrics&id=a", "analytics", "intelligent-tiering&id=a", "inventory&id=a", "acl"])
def test_unknown_operations_delete_no_bucket(own_server: Server, query: str) -> None:
    """A DELETE of a part of a bucket that moto does not know leaves the bucket."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket="refused-empty")
    assert ask(own_server, "DELETE", f"/refused-empty?{query}")[0] in {400, 405}
    s3.head_bucket(Bucket="refused-empty")


@pytest.mark.parametrize("name", ["192.168.0.1", "a..b", "Upper", "under_score", "xn--abc", "-abc", "abc-"])
def test_names_that_no_bucket_may_have(own_server: Server, name: str) -> None:
    """A bucket under a name that S3 does not allow is InvalidBucketName."""
    assert ask(own_server, "PUT", f"/{name}") == (400, "InvalidBucketName")


def test_buckets_of_awss_examples_can_be_made(own_server: Server) -> None:
    """The name that AWS's documentation gives its buckets, which S3 itself reserves, is taken here."""
    own_server.client("s3").create_bucket(Bucket="amzn-s3-demo-bucket")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, (400, "InvalidArgument")),
        ({"key": ""}, (400, "InvalidArgument")),
        ({"key": "k" * 1025}, (400, "KeyTooLongError")),
        ({"key": "form", "acl": "x"}, (400, "InvalidArgument")),
        ({"key": "form", "x-amz-meta-a": "a\nb"}, (400, "InvalidArgument")),
        ({"key": "form", "success_action_status": "junk"}, (204, "")),
        ({"key": "form", "success_action_status": "500"}, (204, "")),
        ({"key": "form", "success_action_redirect": "http://["}, (204, "")),
        ({"key": "form", "x-amz-meta-a": "☃"}, (204, "")),
    ],
)
def test_forms_of_browsers(own_server: Server, s3: Any, fields: dict[str, str], told: tuple[int, str]) -> None:
    """A form with fields that S3 does not take is refused, or answered without them; its object can be read."""
    url = f"{own_server.url}/{BUCKET}"
    answer = requests.post(url, data=fields, files={"file": ("a.txt", b"text")}, headers=FOR_S3, timeout=30)
    assert (answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]) == told
    if told[0] == 204:
        assert s3.get_object(Bucket=BUCKET, Key="form")["Body"].read() == b"text"
    assert "k" * 1025 not in [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]


def test_changes_of_what_is_not_there(s3: Any) -> None:
    """Tags, locks and legal holds of an object that does not exist are NoSuchKey."""
    s3.create_bucket(Bucket="refused-locked", ObjectLockEnabledForBucket=True)
    named = {"Bucket": "refused-locked", "Key": "none"}
    until = "2040-01-01T00:00:00Z"
    changes: list[Callable[[], Any]] = [
        lambda: s3.put_object_legal_hold(**named, LegalHold={"Status": "ON"}),
        lambda: s3.put_object_retention(**named, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until}),
        lambda: s3.delete_object_tagging(**named),
    ]
    for change in changes:
        with pytest.raises(ClientError) as caught:
            change()
        assert caught.value.response["Error"]["Code"] == "NoSuchKey"


def test_parts_of_what_is_not_there(s3: Any) -> None:
    """A part that is to be copied from no object is NoSuchKey, and a list with an empty ETag MalformedXML."""
    named = {"Bucket": BUCKET, "Key": "parts"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.upload_part_copy(**named, UploadId=upload, PartNumber=1, CopySource=f"{BUCKET}/none")
    done = {"Parts": [{"PartNumber": 1, "ETag": ""}]}
    with pytest.raises(ClientError, match="MalformedXML"):
        s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload=done)


def test_empty_sets_take_away(s3: Any) -> None:
    """An empty set of tags, and an empty list of notifications, take away what was there."""
    s3.put_object_tagging(Bucket=BUCKET, Key="key", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_object_tagging(Bucket=BUCKET, Key="key", Tagging={"TagSet": []})
    assert s3.get_object_tagging(Bucket=BUCKET, Key="key")["TagSet"] == []
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=BUCKET)
