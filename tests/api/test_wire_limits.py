"""What a hostile or a broken client may take: places, memory, disk and threads all have bounds."""

import json
import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from emulator import channel
from emulator.executors import FreshExecutor
from emulator.serving import MOST_CONNECTIONS, Emulator
from emulator.settings import Settings
from tests.support.access import strict_server
from tests.support.server import Server
from tests.support.waiting import settled
from tests.support.wire import exchange, request_of

S3_PUT = "AWS4-HMAC-SHA256 Credential=nobody/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture(name="calm")
def _calm() -> Iterator[Server]:
    """A server of its own that runs no jobs."""
    with Emulator(Settings(port=0, in_memory=True, workers=0), FreshExecutor([])) as emulator:
        yield Server(emulator.url)


@pytest.fixture(name="both_ends")
def _both_ends() -> Iterator[None]:
    """Room in this process, which the server is part of, for both ends of more connections than there are places."""
    needed = 2 * MOST_CONNECTIONS + 300
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed and hard != resource.RLIM_INFINITY:
        pytest.skip(f"this process may not have {needed} files open")
    if soft < needed and soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(server: Server, stack: ExitStack) -> socket.socket:
    """A connection that is closed with the stack."""
    target = urlsplit(server.url)
    assert target.hostname
    return stack.enter_context(socket.create_connection((target.hostname, target.port or 80), timeout=10))


def answers(server: Server) -> bool:
    """Whether a new client is answered."""
    return [answer.status for answer in exchange(server, request_of())] == [200]


def memory() -> float:
    """The memory of this process, which the server is part of, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


BEGINNINGS = {
    "nothing": b"",
    "half a head": b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a body": request_of(body=b"x" * 1000)[:-500],
    "a whole call": request_of(),
}


@pytest.mark.usefixtures("both_ends")
@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_idle_clients_take_no_place(calm: Server, beginning: bytes) -> None:
    """More clients than there are places, all idle or slow, keep no other from being answered."""
    with ExitStack() as stack:
        for number in range(MOST_CONNECTIONS + 100):
            connect(calm, stack).sendall(beginning)
            if number % 150 == 0:
                assert answers(calm)
        assert answers(calm)
        assert calm.post("ListAutoMLJobs", {}).status_code == 200


def test_a_slow_head_is_cut_off(calm: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that sends its headers byte by byte is cut off after a while, however busy it seems."""
    monkeypatch.setattr(channel, "LONGEST_HEAD_SECONDS", 0.5)
    with ExitStack() as stack:
        connection = connect(calm, stack)
        with pytest.raises(ConnectionError):
            send_slowly(connection)


def send_slowly(connection: socket.socket) -> None:
    """A byte of a request ten times a second."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        connection.sendall(b"P")
        time.sleep(0.1)


def test_clients_that_do_not_read_hold_no_thread(calm: Server) -> None:
    """More large answers than there are threads, none of them read, keep no other client waiting."""
    s3 = calm.client("s3")
    s3.create_bucket(Bucket="limits")
    s3.put_object(Bucket="limits", Key="large", Body=bytes(20 * 1024**2))
    before = memory()
    with ExitStack() as stack:
        for _ in range(24):
            connect(calm, stack).sendall(request_of("/limits/large", "GET", b"", Content_Type="", X_Amz_Target=""))
        assert answers(calm)
        assert settled(lambda: answers(calm), True)
    assert memory() - before < 250, "the answers wait on the disk"
    s3.delete_object(Bucket="limits", Key="large")


def test_large_bodies_do_not_stay_in_memory(calm: Server) -> None:
    """Bodies that many clients have half sent wait on the disk."""
    half = request_of("/limits/any", "PUT", b"", Content_Length="2000000", Content_Type="", X_Amz_Target="")
    before = memory()
    with ExitStack() as stack:
        connections = [connect(calm, stack) for _ in range(60)]
        for connection in connections:
            connection.sendall(half + bytes(1_900_000))
        assert answers(calm)
        assert memory() - before < 60


@pytest.mark.parametrize("service", ["sagemaker", "lambda"])
def test_only_s3_takes_huge_bodies(calm: Server, service: str) -> None:
    """A body that is too large for any service but S3 is refused before it is sent."""
    scope = S3_PUT.replace("/s3/", f"/{service}/")
    target = {} if service == "sagemaker" else {"X_Amz_Target": ""}
    head = request_of(body=b"", Content_Length=str(10**9), Authorization=scope, Expect="100-continue", **target)
    (answer,) = exchange(calm, head)
    assert (answer.status, json.loads(answer.body)["__type"]) == (413, "RequestEntityTooLargeException")


def test_s3_has_a_limit_too(calm: Server) -> None:
    """A body over S3's own limit is refused before it is sent, also where the client waits to be asked."""
    head = request_of("/limits/any", "PUT", b"", Content_Length=str(6 * 1024**3), Expect="100-continue")
    (answer,) = exchange(calm, head)
    assert answer.status == 413


def test_an_announced_length_makes_no_room(calm: Server) -> None:
    """A small body in chunks that announces terabytes is refused, and no memory is taken for it."""
    headers = {"X_Amz_Content_Sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "Content_Type": "", "X_Amz_Target": ""}
    for told in (str(10**12), "-1", "x", "9" * 5000):
        put = request_of("/limits/any", "PUT", b"0;x\r\n\r\n", X_Amz_Decoded_Content_Length=told, **headers)
        (answer,) = exchange(calm, put)
        assert (answer.status, b"IncompleteBody" in answer.body) == (400, True)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content_Type": "", "X_Amz_Target": ""}, b"<Code>AccessDenied</Code>"),
        ({"Content_Type": "", "X_Amz_Target": "", "Authorization": S3_PUT}, b"AuthorizationHeaderMalformed"),
        ({}, b"MissingAuthenticationTokenException"),
        ({"Transfer_Encoding": "chunked", "Content_Length": ""}, b"MissingAuthenticationTokenException"),
    ],
)
def test_strangers_cannot_fill_the_disk(tmp_path: Path, headers: dict[str, str], code: bytes) -> None:
    """With --require-auth a body that would go to the disk is refused before it comes, unless a known key signed."""
    with strict_server(tmp_path) as server:
        head = request_of("/limits/any" if "Content_Type" in headers else "/", "PUT" if headers else "POST", b"")
        sent = {"Content_Length": "1000000"} | headers
        head = request_of(head.split()[1].decode(), head.split()[0].decode(), b"", **sent)
        (answer,) = exchange(server, head)
        assert answer.status in {400, 403}
        assert code in answer.body
