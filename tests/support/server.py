"""A server under test, and the ways to talk to it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

JSON_1_1 = "application/x-amz-json-1.1"
ENDED = {"Completed", "Failed", "Stopped"}
_NO_CHECKS = Config(parameter_validation=False, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Server:
    """An emulator at a URL. Its clients send whatever they are given, once.

    A `foreign` server is another one, AWS included: raw calls to it are signed, with the caller's own credentials.
    """

    url: str
    region: str = "us-east-1"
    foreign: bool = False

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client without client-side validation and without retries."""
        return _client(self.url, service, region or self.region, self.foreign)

    def post(self, operation: str | None, body: object, **headers: str) -> requests.Response:
        """A raw call: `body` as JSON, or as it is where it is bytes. Underscores in header names become dashes."""
        sent = {"Content-Type": JSON_1_1} | ({"X-Amz-Target": f"SageMaker.{operation}"} if operation else {})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if self.foreign:
            request = AWSRequest("POST", self.url, sent, content)
            SigV4Auth(_credentials(self.foreign), "sagemaker", self.region).add_auth(request)
            sent = dict(request.headers)
        return requests.post(self.url, data=content, headers=sent, timeout=30)

    def describe(self, name: str) -> dict[str, Any]:
        """DescribeAutoMLJobV2."""
        answer: dict[str, Any] = self.client("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=name)
        return answer

    def wait(self, name: str, *statuses: str, seconds: float = 600) -> dict[str, Any]:
        """The description of a job as soon as it has one of these primary or secondary statuses, or has ended."""
        wanted = set(statuses) or ENDED
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.describe(name)
            if {job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]} & wanted:
                return job
            assert job["AutoMLJobStatus"] not in ENDED, job
            time.sleep(0.02)
        raise AssertionError(f"{name} is still {job['AutoMLJobStatus']} / {job['AutoMLJobSecondaryStatus']}")


@cache
def _client(url: str, service: str, region: str, foreign: bool) -> Any:
    credentials = _credentials(foreign)
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        config=_NO_CHECKS,
    )


def _credentials(foreign: bool) -> Any:
    own = boto3.Session().get_credentials() if foreign else None
    return own.get_frozen_credentials() if own else ReadOnlyCredentials("test", "test", None)


@contextmanager
def running_server(
    *arguments: str,
    program: tuple[str, ...] = ("-m", "emulator", "serve"),
    before: tuple[str, ...] = (),
    **environment: str,
) -> Iterator[tuple[Server, subprocess.Popen[str]]]:
    """`automl-emulator serve` as a process on a free port; ended with SIGTERM. It keeps nothing unless told where."""
    if "--data-dir" not in arguments:
        arguments = (*arguments, "--in-memory")
    command = [*before, sys.executable, *program, "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        assert process.stdout is not None
        url = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        try:
            yield Server(url), process
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """With SIGTERM; one that does not listen fails its test and is killed, for Popen would wait for it for ever."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
