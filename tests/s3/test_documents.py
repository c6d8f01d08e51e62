"""Documents in XML, however a client writes them: S3 reads namespaces, and so do we."""

import pytest
import requests

from tests.support.server import Server
from tests.support.signing import FOR_S3

BUCKET = "documents"
S3_NAMESPACE = 'xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"'


@pytest.mark.parametrize(
    ("head", "prefix", "encoding"),
    [
        ("", "s3:", "utf-8"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "s3:", "utf-16"),
        ("<!-- <Key>kept</Key> -->", "s3:", "utf-8"),
        ("", "", "utf-8"),
    ],
)
def test_documents_with_prefixes(own_server: Server, head: str, prefix: str, encoding: str) -> None:
    """A document whose names have a prefix, or that is in UTF-16, does what the plain one does, to the very key."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for key in ("kept", " a\rb & c ", "last"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    keys = "".join(
        f"<{prefix}Object><{prefix}Key>{key}</{prefix}Key></{prefix}Object>" for key in (" a&#13;b &amp; c ",)
    )
    body = f"{head}<{prefix}Delete {S3_NAMESPACE}>{keys}</{prefix}Delete>".encode(encoding)
    answer = requests.post(f"{own_server.url}/{BUCKET}?delete", data=body, headers=FOR_S3, timeout=30)
    assert answer.status_code == 200, answer.text
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["kept", "last"]


def test_types_with_another_prefix(own_server: Server) -> None:
    """A grantee's type is read whatever prefix the namespace of XML Schema has."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    grantee = (
        '<Grantee xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="Group">'
        "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee>"
    )
    body = (
        "<AccessControlPolicy><Owner><ID>owner</ID></Owner><AccessControlList><Grant>"
        f"{grantee}<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
    )
    answer = requests.put(f"{own_server.url}/{BUCKET}?acl", data=body, headers=FOR_S3, timeout=30)
    assert answer.status_code == 200, answer.text
    assert [grant["Permission"] for grant in s3.get_bucket_acl(Bucket=BUCKET)["Grants"]] == ["READ"]
    both = FOR_S3 | {"x-amz-acl": "private"}
    answer = requests.put(f"{own_server.url}/{BUCKET}?acl", data=body, headers=both, timeout=30)
    assert (answer.status_code, "UnexpectedContent" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("query", "root", "rule"),
    [
        (
            "encryption",
            "ServerSideEncryptionConfiguration",
            "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>",
        ),
        ("ownershipControls", "OwnershipControls", "<ObjectOwnership>ObjectWriter</ObjectOwnership>"),
    ],
)
def test_two_rules_where_one_may_be(own_server: Server, query: str, root: str, rule: str) -> None:
    """A configuration that has one rule is MalformedXML with two of them."""
    own_server.client("s3").create_bucket(Bucket=BUCKET)
    for times, status in ((1, 200), (2, 400)):
        body = f"<{root}>{f'<Rule>{rule}</Rule>' * times}</{root}>"
        answer = requests.put(f"{own_server.url}/{BUCKET}?{query}", data=body, headers=FOR_S3, timeout=30)
        assert (answer.status_code, "MalformedXML" in answer.text) == (status, status == 400)
