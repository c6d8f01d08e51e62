"""5,000 requests of all kinds: only 2xx and 4xx in the right form, no hang, no job from a refusal, and it still serves.

Seeded, so that a failure comes again. Each request that ever broke the server is kept in golden/crashes.json.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.support import fuzz
from tests.support.requests import BUCKET
from tests.support.schemas import check_response
from tests.support.server import JSON_1_1, Server
from tests.support.stub_servers import StubServers
from tests.support.wire import RawAnswer, exchange

SLOWEST_SECONDS = 5
BARE = b"<UnknownOperationException/>\n"


def rounds(count: int) -> Callable[[Any], Any]:
    """So many examples, always the same ones."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


@dataclass
class Target:
    """The server under fuzz, and the jobs that it said it made."""

    server: Server
    session: requests.Session = field(default_factory=requests.Session)
    made: int = 0

    def send(self, body: bytes, headers: dict[str, str], method: str = "POST") -> requests.Response:
        """Send over a connection that stays open; fails where the answer takes too long."""
        raw = {name: value.encode("latin-1") for name, value in headers.items()}
        began = time.monotonic()
        answer = self.session.request(method, self.server.url, data=body, headers=raw, timeout=SLOWEST_SECONDS)
        assert time.monotonic() - began < SLOWEST_SECONDS
        return answer

    def call(self, operation: str, body: bytes) -> requests.Response:
        """Call an operation of ours; counts and stops the job that it makes."""
        answer = self.send(body, {"Content-Type": JSON_1_1, "X-Amz-Target": f"SageMaker.{operation}"})
        if operation == "CreateAutoMLJobV2" and answer.ok:
            self.made += 1
            name = answer.json()["AutoMLJobArn"].rpartition("/")[2]
            self.call("StopAutoMLJob", json.dumps({"AutoMLJobName": name}).encode())
        return answer

    def jobs(self) -> int:
        """How many jobs there are, in all regions."""
        return sum(requests.get(f"{self.server.url}/health", timeout=SLOWEST_SECONDS).json()["jobs"].values())


@pytest.fixture(scope="module", name="target")
def _target() -> Iterator[Target]:
    """A server that runs no jobs; each test ends with as many jobs as there were successful creates."""
    executor = FreshExecutor([sys.executable, "-c", "pass"])
    with Emulator(Settings(port=0, in_memory=True, workers=0), executor, StubServers()) as emulator:
        server = Server(emulator.url)
        server.client("s3").create_bucket(Bucket=BUCKET)
        for key in ("input/facts.csv", "input/facts.csv.fuzz"):
            server.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"input,output\na,b\n")
        yield Target(server)


@pytest.fixture(autouse=True)
def _still_serves(target: Target) -> Iterator[None]:
    """After each test: no job that no create told of, and a server that lists and describes."""
    yield
    assert target.jobs() == target.made
    assert target.call("ListAutoMLJobs", b"{}").status_code == 200
    assert target.call("DescribeAutoMLJobV2", b'{"AutoMLJobName":"none"}').json()["__type"] == "ResourceNotFound"


def assert_ours(answer: requests.Response, operation: str) -> None:
    """A success by its schema, or an error of AWS JSON 1.1 that is no defect."""
    assert answer.headers["Content-Type"] == JSON_1_1
    if answer.status_code == 200:
        check_response(operation, answer.json() if answer.content else None)
        return
    error = answer.json()
    assert 400 <= answer.status_code < 500
    assert set(error) == {"__type", "message"}
    assert error["__type"] == answer.headers["x-amzn-errortype"] != "InternalFailure", error


def assert_some_service(answer: requests.Response | RawAnswer) -> None:
    """2xx or 4xx, without HTML, and an error names its code."""
    status, body = (
        (answer.status, answer.body) if isinstance(answer, RawAnswer) else (answer.status_code, answer.content)
    )
    assert 200 <= status < 300 or 400 <= status < 500 or status == 100, (status, body)
    assert b"<html" not in body.lower()
    if status >= 400 and body and body != BARE:
        assert b"__type" in body or b"<Code>" in body or body.startswith(b'{"message"'), body


@rounds(2000)
@given(request=fuzz.mutated())
def test_mutated_requests(target: Target, request: tuple[str, dict[str, Any]]) -> None:
    """A valid request with a few changes is met or refused."""
    operation, content = request
    assert_ours(target.call(operation, fuzz.as_json(content)), operation)


@rounds(1200)
@given(request=fuzz.generated())
def test_generated_requests(target: Target, request: tuple[str, Any]) -> None:
    """A request made from the schema, right or not, is met or refused."""
    operation, content = request
    assert_ours(target.call(operation, fuzz.as_json(content)), operation)


@rounds(800)
@given(operation=fuzz.operations, body=fuzz.broken_bodies())
def test_broken_bodies(target: Target, operation: str, body: bytes) -> None:
    """A body of any bytes is met or refused."""
    assert_ours(target.call(operation, body), operation)


@rounds(600)
@given(
    method=st.sampled_from(("POST", "POST", "POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "X")),
    body=fuzz.broken_bodies(),
    target_header=st.none() | fuzz.targets,
    authorization=st.none() | fuzz.authorizations,
    content_type=st.sampled_from((JSON_1_1, "", "application/json", "application/x-www-form-urlencoded", "text/xml")),
    encoding=st.sampled_from(("", "", "", "gzip", "x")),
)
def test_headers(
    target: Target,
    method: str,
    body: bytes,
    target_header: str | None,
    authorization: str | None,
    content_type: str,
    encoding: str,
) -> None:
    """Any target, signature, content type and method, for whichever service, is met or refused."""
    headers = {"Content-Type": content_type, "Content-Encoding": encoding}
    headers |= {} if target_header is None else {"X-Amz-Target": target_header.strip()}
    headers |= {} if authorization is None else {"Authorization": authorization.strip()}
    answer = target.send(body, headers, method)
    assert_some_service(answer)
    assert "InternalFailure" not in answer.text


@rounds(400)
@given(
    start=st.sampled_from((b"POST / HTTP/1.1\r\n", b"GET /fuzz-bucket/k HTTP/1.1\r\n", b"X", b""))
    | st.binary(max_size=30),
    lines=st.lists(
        st.binary(max_size=30)
        | st.sampled_from(
            (b"Content-Length: 2", b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Host: x", b"")
        ),
        max_size=4,
    ),
    body=st.binary(max_size=20) | st.just(b"{}"),
)
def test_raw_bytes(target: Target, start: bytes, lines: list[bytes], body: bytes) -> None:
    """Any bytes on a connection are answered in form, or waited on without harm to others."""
    try:
        answers = exchange(target.server, start + b"\r\n".join([*lines, b"", b""]) + body, seconds=0.1)
    except TimeoutError:
        return
    for answer in answers:
        assert_some_service(answer)
