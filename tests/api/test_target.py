"""The header of tabular data is read when a job is created, whatever way the data came into S3."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.durable import durable_server
from tests.support.golden import filled, requests_by_name
from tests.support.requests import BUCKET, ROLE
from tests.support.server import Server, running_server

TABLE = b"x,y\n" + b"1,2\n" * 1_500_000  # over the least size of a part


@pytest.fixture(scope="module", name="places", params=["kept", "in-memory", "elsewhere"])
def _places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Any]]:
    """A server and a client of its S3, which is kept, or in memory, or another server's."""
    with durable_server(tmp_path_factory.mktemp("data")) as (kept, _), pytest.MonkeyPatch.context() as patch:
        if request.param == "kept":
            yield kept, kept.client("s3")
            return
        patch.setenv("AWS_ACCESS_KEY_ID", "mine")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
        elsewhere = ("--s3-endpoint-url", kept.url) if request.param == "elsewhere" else ()
        with running_server("--worker-start", "fresh", "--workers", "0", *elsewhere) as (server, _):
            yield server, (kept if elsewhere else server).client("s3")


def create(server: Server, name: str, key: str, target: str) -> None:
    """Create a tabular job on a key or a prefix."""
    request = filled(requests_by_name()["Tabular"]["request"], {"bucket": BUCKET, "role": ROLE})
    request["AutoMLJobName"] = name
    request["AutoMLJobInputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{BUCKET}/{key}"
    request["AutoMLProblemTypeConfig"]["TabularJobConfig"]["TargetAttributeName"] = target
    server.client("sagemaker").create_auto_ml_job_v2(**request)


def test_target_is_looked_for_in_the_first_object_that_has_content(places: tuple[Server, Any]) -> None:
    """Put whole, large, or in parts, under a prefix with empty markers before it: the header decides."""
    server, s3 = places
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="small/", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="small/_SUCCESS", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="small/part-0.csv", Body=b"x,y\n1,2\n")
    s3.put_object(Bucket=BUCKET, Key="large.csv", Body=TABLE)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts.csv")["UploadId"]
    of_upload = {"Bucket": BUCKET, "Key": "parts.csv", "UploadId": upload}
    tags = [s3.upload_part(**of_upload, PartNumber=number, Body=TABLE)["ETag"] for number in (1, 2)]
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    s3.complete_multipart_upload(**of_upload, MultipartUpload={"Parts": parts})
    for number, key in enumerate(("small/", "large.csv", "parts.csv")):
        create(server, f"right-{number}", key, "y")
        with pytest.raises(ClientError, match=r"Target attribute name z does not exist in header\.") as refused:
            create(server, f"wrong-{number}", key, "z")
        assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert s3.get_object(Bucket=BUCKET, Key="large.csv")["Body"].read() == TABLE
