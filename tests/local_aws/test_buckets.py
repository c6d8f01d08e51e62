"""What is asked of buckets and of their access lists, and statements over objects."""

from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.server import Server
from tests.support.signing import FOR_S3

BUCKET = "buckets-own"
EVERYBODY = {
    "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
    "Permission": "READ",
}


@pytest.fixture(name="s3")
def _s3(own_server: Server) -> Any:
    """A client of a server that has the bucket."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return s3


def test_buckets_in_pages(s3: Any) -> None:
    """ListBuckets gives as many as are asked for, goes on where a page ended, and tells the prefix and the regions."""
    for name in ("pages-c", "pages-a", "pages-b"):
        s3.create_bucket(Bucket=name)
    pages = s3.get_paginator("list_buckets").paginate(Prefix="pages-", PaginationConfig={"PageSize": 2})
    found = [[bucket["Name"] for bucket in page["Buckets"]] for page in pages]
    assert found == [["pages-a", "pages-b"], ["pages-c"]]
    whole = s3.list_buckets(Prefix="pages-")
    assert (whole["Prefix"], "ContinuationToken" in whole) == ("pages-", False)
    assert {bucket["BucketRegion"] for bucket in whole["Buckets"]} == {"us-east-1"}
    for asked in ({"MaxBuckets": 0}, {"MaxBuckets": 10_001}, {"ContinuationToken": "pages-"}):
        with pytest.raises(ClientError, match="InvalidArgument"):
            s3.list_buckets(**asked)


def test_access_list_of_an_object_in_a_body(own_server: Server, s3: Any) -> None:
    """PutObjectAcl takes the list of its body, for the version that it names."""
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    named = {"Bucket": BUCKET, "Key": "key"}
    first, _ = (s3.put_object(**named, Body=b"content")["VersionId"] for _ in range(2))
    before = s3.get_object_acl(**named)
    policy = {"Owner": before["Owner"], "Grants": [*before["Grants"], EVERYBODY]}
    s3.put_object_acl(**named, VersionId=first, AccessControlPolicy=policy)
    assert s3.get_object_acl(**named)["Grants"] == before["Grants"]
    assert EVERYBODY in s3.get_object_acl(**named, VersionId=first)["Grants"]
    s3.put_object_acl(**named, AccessControlPolicy=policy)
    assert requests.get(f"{own_server.url}/{BUCKET}/key", timeout=30).content == b"content"
    s3.put_object_acl(**named, AccessControlPolicy={"Owner": before["Owner"], "Grants": []})
    assert s3.get_object_acl(**named)["Grants"] == []
    s3.put_bucket_acl(Bucket=BUCKET, AccessControlPolicy={"Owner": before["Owner"], "Grants": []})
    assert s3.get_bucket_acl(Bucket=BUCKET)["Grants"] == []
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.put_object_acl(**named | {"Key": "none"}, AccessControlPolicy=policy)


@pytest.mark.parametrize(
    ("statement", "key", "packed", "code"),
    [
        ("no sql", "table", "NONE", "ParseUnexpectedToken"),
        ("", "table", "NONE", "ParseUnexpectedToken"),
        ("SELECT * FROM s3object s", "binary", "NONE", "InvalidTextEncoding"),
        ("SELECT * FROM s3object s", "table", "GZIP", "InvalidCompressionFormat"),
        ("SELECT * FROM s3object s", "table", "BZIP2", "InvalidCompressionFormat"),
    ],
)
def test_statements_that_cannot_be_answered(s3: Any, statement: str, key: str, packed: str, code: str) -> None:
    """SelectObjectContent refuses what is no SQL, and objects that are not what it says of them, with S3's codes."""
    s3.put_object(Bucket=BUCKET, Key="table", Body=b"a,b\n1,2")
    s3.put_object(Bucket=BUCKET, Key="binary", Body=b"\xff\xfe\x00")
    asked = {
        "ExpressionType": "SQL",
        "InputSerialization": {"CSV": {"FileHeaderInfo": "USE"}, "CompressionType": packed},
        "OutputSerialization": {"JSON": {}},
    }
    with pytest.raises(ClientError) as caught:
        s3.select_object_content(Bucket=BUCKET, Key=key, Expression=statement, **asked)
    assert caught.value.response["Error"]["Code"] == code


def test_page_of_all_data_while_an_upload_is_under_way(own_server: Server, s3: Any) -> None:
    """Moto's page of all that it holds can be read while an object is uploaded in parts."""
    named = {"Bucket": BUCKET, "Key": "parts"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    s3.upload_part(**named, UploadId=upload, PartNumber=1, Body=b"part")
    answer = requests.get(f"{own_server.url}/moto-api/data.json", headers=FOR_S3, timeout=30)
    assert answer.status_code == 200
    assert "s3" in answer.json()
