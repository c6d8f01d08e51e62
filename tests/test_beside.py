"""The rest of AWS on the same port: what users and the workers need of S3, STS and IAM."""

import pytest

from tests.support.server import Server


@pytest.fixture(name="bucket", scope="module")
def _bucket(server: Server) -> str:
    server.client("s3").create_bucket(Bucket="beside")
    return "beside"


@pytest.mark.parametrize("size", [0, 1, 100_000, 9_000_000])
def test_objects_come_back_as_they_went(server: Server, bucket: str, size: int) -> None:
    """An object of any size, the empty one included, is stored and read byte for byte."""
    body = bytes(range(256)) * (size // 256 + 1)
    s3 = server.client("s3")
    s3.put_object(Bucket=bucket, Key=f"object-{size}", Body=body[:size])
    assert s3.get_object(Bucket=bucket, Key=f"object-{size}")["Body"].read() == body[:size]


def test_account_is_one(server: Server) -> None:
    """STS knows the account that is in every ARN."""
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_role_can_be_made(server: Server) -> None:
    """IAM keeps the role that a script makes for its job."""
    iam = server.client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    assert iam.get_role(RoleName="role")["Role"]["Arn"] == "arn:aws:iam::123456789012:role/role"


def test_bucket_called_like_a_page(server: Server) -> None:
    """A bucket named health is a bucket to whoever signs, and the page is there for whoever does not."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket="health")
    assert "health" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert s3.list_objects_v2(Bucket="health")["KeyCount"] == 0
