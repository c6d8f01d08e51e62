"""Another S3 in place of the one inside: rules and workers use it, and our port says where it is."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from emulator.settings import Settings
from tests.support.golden import filled, requests_by_name
from tests.support.hosting import IMAGE, model
from tests.support.requests import BUCKET, ROLE, text_generation
from tests.support.server import Server, running_server

FRESH = ("--worker-start", "fresh")


@pytest.fixture(scope="module", name="other")
def _other() -> Iterator[Server]:
    """A server that is nothing but an S3 here, with a dataset that has no rows to speak of."""
    with running_server(*FRESH, "--workers", "0") as (server, _):
        s3 = server.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        yield server


@pytest.fixture(scope="module", name="credentials")
def _credentials() -> Iterator[None]:
    """What the environment of the user of another S3 holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "mine")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
        yield


@pytest.fixture(scope="module", name="server")
def _server(other: Server, credentials: None) -> Iterator[Server]:  # noqa: ARG001 - of the environment
    with running_server(*FRESH, "--s3-endpoint-url", other.url, "--device", "cpu") as (server, _):
        yield server


def test_rules_look_there(server: Server) -> None:
    """Data that are in the other S3 are found, and those that are not are missed."""
    with pytest.raises(ClientError, match="No S3 objects found"):
        server.client("sagemaker").create_auto_ml_job_v2(**reading(text_generation("none"), "s3://no-such-bucket/x"))
    with pytest.raises(ClientError, match="No S3 objects found"):
        server.client("sagemaker").create_auto_ml_job_v2(**reading(text_generation("none"), f"s3://{BUCKET}/none"))
    names = {"bucket": BUCKET, "role": ROLE}
    image = filled(requests_by_name()["ImageClassification"]["request"], names)
    with pytest.raises(ClientError, match="No S3 objects found"):
        server.client("sagemaker").create_auto_ml_job_v2(**reading(image, f"s3://{BUCKET}/none", "ManifestFile"))
    image["AutoMLJobName"] = "manifest"
    server.client("sagemaker").create_auto_ml_job_v2(**reading(image, f"s3://{BUCKET}/input/facts.csv", "ManifestFile"))


@pytest.mark.parametrize("uri", [f"s3://{BUCKET}", "s3://Bad_Bucket!/k"])
def test_what_cannot_be_there_is_missed(server: Server, uri: str) -> None:
    """A URI without a key, or of no possible bucket, is one of an object that is not there, in the service's words."""
    answer = server.post("CreateModel", model("none") | {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": uri}})
    assert answer.json()["message"] == f"Could not find model data at {uri}."


def test_a_worker_reads_there(server: Server) -> None:
    """A job gets its data from the other S3: what is wrong with them is what it fails for."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation("reads"))
    job = server.wait("reads", "Failed", seconds=120)
    assert "The dataset has 1 row" in job["FailureReason"]


def test_a_worker_looks_for_its_output_there(server: Server) -> None:
    """A job whose output bucket is not in the other S3 fails for that alone, whatever its data are like."""
    request = text_generation("writes")
    request["OutputDataConfig"]["S3OutputPath"] = "s3://no-such-bucket/out"
    server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = server.wait("writes", "Failed", seconds=120)
    assert "Unable to write s3://no-such-bucket/out: there is no bucket no-such-bucket" in job["FailureReason"]


def test_our_port_says_where_s3_is(server: Server, other: Server) -> None:
    """S3's requests get a clear refusal, presigned ones too; other services go on."""
    s3 = server.client("s3")
    for call in (s3.list_buckets, lambda: s3.put_object(Bucket=BUCKET, Key="k", Body=b"")):
        with pytest.raises(ClientError, match=f"its S3 is at {other.url}"):
            call()
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "input/facts.csv"})
    answer = requests.get(url, timeout=30)
    assert (answer.status_code, b"<Code>InvalidRequest</Code>" in answer.content) == (400, True)
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_an_s3_that_is_down(credentials: None, tmp_path: Path) -> None:  # noqa: ARG001 - of the environment
    """Create is refused with a reason while S3 does not answer; a job whose S3 goes away fails with one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    flags = (*FRESH, "--s3-endpoint-url", url, "--data-dir", str(tmp_path))
    with running_server(*flags) as (server, _), pytest.raises(ClientError) as caught:
        server.client("sagemaker").create_auto_ml_job_v2(**text_generation("down"))
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith(
        f"Unable to look for s3://{BUCKET}/input/facts.csv in the S3 at {url}: Could not"
    )


def test_an_s3_that_goes_away(credentials: None) -> None:  # noqa: ARG001 - of the environment
    """A job whose S3 ends between its creation and its start fails, and says what could not be reached."""
    with running_server(*FRESH, "--workers", "0") as (other, s3_process):
        other.client("s3").create_bucket(Bucket=BUCKET)
        other.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        with running_server(*FRESH, "--s3-endpoint-url", other.url, "--device", "cpu") as (server, _):
            server.client("sagemaker").create_auto_ml_job_v2(**text_generation("gone"))
            s3_process.kill()
            s3_process.wait()
            job = server.wait("gone", "Failed", seconds=120)
    assert f"Unable to reach s3://{BUCKET}: Could not connect to the endpoint" in job["FailureReason"]


def test_greeting_tells_where_objects_are(other: Server) -> None:
    """What the server prints for the program's shell leads its S3 clients to the other S3, with that one's keys."""
    with running_server(*FRESH, "--s3-endpoint-url", other.url) as (_, process):
        assert process.stdout is not None
        assert process.stdout.readline().strip() == f"export AWS_ENDPOINT_URL_S3={other.url}"
        assert process.stdout.readline().split() == ["export", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1"]
        assert "AWS_ACCESS_KEY_ID=... " in process.stdout.readline()
        assert not process.stdout.readline().strip()
        told = f"Objects are in the S3 at {other.url}, with its keys. Nothing is kept when it ends."
        assert process.stdout.readline().startswith(told)


@pytest.mark.parametrize("url", ["nonsense", "ftp://host", "http://"])
def test_a_url_is_checked(url: str) -> None:
    """What is no URL of HTTP is refused before anything starts."""
    with pytest.raises(ValueError, match="s3_endpoint_url"):
        Settings(s3_endpoint_url=url)


def reading(request: dict[str, Any], uri: str, data_type: str = "S3Prefix") -> dict[str, Any]:
    """A request that reads another object."""
    source = request["AutoMLJobInputDataConfig"][0]["DataSource"]["S3DataSource"]
    source.update({"S3Uri": uri, "S3DataType": data_type})
    return request
