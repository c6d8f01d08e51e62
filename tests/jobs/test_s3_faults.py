"""An S3 that fails while a worker reads its data or stores its artifacts."""

import socket
from pathlib import Path

import pytest

from emulator.errors import JobFailure
from emulator.s3.access import S3Access
from emulator.s3.client import S3
from tests.support.flaky_s3 import flaky_s3
from tests.support.requests import BUCKET
from tests.support.server import Server

DATA = f"s3://{BUCKET}/input/facts.csv"
STORED = f"s3://{BUCKET}/faults/stored.bin"


def download(endpoint: str, folder: Path) -> bytes:
    """What a worker reads."""
    (content,) = [
        file.read_bytes() for file, _ in S3(S3Access(endpoint, "test", "test"), "us-east-1").download_all(DATA, folder)
    ]
    return content


@pytest.mark.parametrize("way", ["503", "hang up", "half"])
def test_download_is_tried_again(own_server: Server, tmp_path: Path, way: str) -> None:
    """An S3 that answers 503, hangs up, or breaks off three times and then works, costs a job time only."""
    with flaky_s3(own_server.url, "GET", way, failures=3) as s3:
        content = download(s3.url, tmp_path)
        assert s3.failed == 3
    assert content == own_server.client("s3").get_object(Bucket=BUCKET, Key="input/facts.csv")["Body"].read()


@pytest.mark.parametrize("way", ["503", "hang up"])
def test_upload_is_tried_again(own_server: Server, tmp_path: Path, way: str) -> None:
    """The same for what a worker stores."""
    (tmp_path / "stored.bin").write_bytes(b"weights" * 1000)
    with flaky_s3(own_server.url, "PUT", way, failures=3) as s3:
        S3(S3Access(s3.url, "test", "test"), "us-east-1").upload(tmp_path / "stored.bin", STORED)
        assert s3.failed == 3
    stored = own_server.client("s3").get_object(Bucket=BUCKET, Key="faults/stored.bin")["Body"].read()
    assert stored == b"weights" * 1000


def test_s3_that_goes_on_failing_is_told(own_server: Server, tmp_path: Path) -> None:
    """After some attempts a job gives up, with a reason that names the object and the error."""
    (tmp_path / "stored.bin").write_bytes(b"weights")
    with flaky_s3(own_server.url, "PUT", "503", failures=1_000_000) as s3:
        with pytest.raises(JobFailure, match=r"Unable to write s3://test-bucket/faults/stored.bin: .*reduce your"):
            S3(S3Access(s3.url, "test", "test"), "us-east-1", patient=False).upload(tmp_path / "stored.bin", STORED)
        assert s3.failed == 2


def test_s3_that_refuses_connections_is_told(tmp_path: Path) -> None:
    """An S3 that nobody answers for is told likewise."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(JobFailure, match=r"Unable to list s3://test-bucket/input/facts.csv: .*Could not connect"):
        list(
            S3(S3Access(f"http://127.0.0.1:{port}", "test", "test"), "us-east-1", patient=False).download_all(
                DATA, tmp_path
            )
        )


def test_bucket_that_may_not_be_seen_may_be_written_to(own_server: Server) -> None:
    """An S3 that does not tell whether the output bucket is there stops no job: a right to write is another one."""
    with flaky_s3(own_server.url, "HEAD", "403", failures=1) as s3:
        S3(S3Access(s3.url, "test", "test"), "us-east-1").require_bucket("s3://no-such-bucket/out")
        assert s3.failed == 1
