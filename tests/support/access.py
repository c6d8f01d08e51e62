"""A server that asks for signatures, and requests that are signed in every way that clients know."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import requests
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.support.server import Server

TOKEN_KEY = ("ASIAWITHTOKEN", "its-secret", "its-token")
CREDENTIALS = """
[default]
aws_access_key_id = test
aws_secret_access_key = test

[temporary]
aws_access_key_id = ASIAWITHTOKEN
aws_secret_access_key = its-secret
aws_session_token = its-token
"""


def credentials_file(folder: Path) -> str:
    """A file with two keys: the one that all tests use, and one with a token."""
    file = folder / "credentials"
    file.write_text(CREDENTIALS, encoding="utf-8")
    return str(file)


@contextmanager
def strict_server(folder: Path) -> Iterator[Server]:
    """A server with --require-auth that runs no jobs."""
    settings = Settings(port=0, in_memory=True, workers=0, require_auth=True, credentials_file=credentials_file(folder))
    with Emulator(settings, FreshExecutor([])) as emulator:
        yield Server(emulator.url)


def client(server: Server, service: str, key: str = "test", secret: str = "test", token: str | None = None) -> Any:  # noqa: S107
    """A boto3 client with a key of one's own."""
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(signature_version="s3v4" if service == "s3" else "v4", retries={"total_max_attempts": 1}),
    )


def signed(
    server: Server, service: str, method: str, path: str, body: bytes = b"", *, minutes: float = 0, **headers: str
) -> requests.PreparedRequest:
    """A request that the key `test` signed so many minutes from now."""
    sent = {"Host": server.url.partition("//")[2]} | {name.replace("_", "-"): value for name, value in headers.items()}
    made = AWSRequest(method, server.url + path, sent, body)
    declared = made.headers.get("X-Amz-Content-SHA256")
    signer = (_S3Signer if service == "s3" else SigV4Auth)(
        ReadOnlyCredentials("test", "test", None), service, "us-east-1"
    )
    if isinstance(signer, _S3Signer):
        signer.declared = declared
    with patch("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) + timedelta(minutes=minutes)):
        signer.add_auth(made)
    return requests.Request(method, server.url + path, dict(made.headers), data=body).prepare()


def send(request: requests.PreparedRequest) -> requests.Response:
    """Send a request as it is."""
    with requests.Session() as session:
        return session.send(request, timeout=30)


class _S3Signer(S3SigV4Auth):  # type: ignore[misc]
    """Signs what a test says of the body, where it says something."""

    declared: str | None = None

    def payload(self, request: AWSRequest) -> str:
        """The value of x-amz-content-sha256."""
        return self.declared or str(super().payload(request))
