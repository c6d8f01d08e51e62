"""The wire below the operations: what is no HTTP, connections, and what a server of HTTP must bear."""

import json

import pytest

from tests.support.server import JSON_1_1, Server
from tests.support.wire import exchange, request_of

HUGE = b"x" * 300_000


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"garbage\r\n\r\n", 400),
        (b"POST / HTTP/1.1 x\r\n\r\n", 400),
        (b"post / HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nno header\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nX\x00Y: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400),
        (b"POST http://[::1 HTTP/1.1\r\n\r\n", 400),
        (b"GET \xff\xfe HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + HUGE + b"\r\n\r\n", 431),
        (b"GET /" + HUGE + b" HTTP/1.1\r\n\r\n", 431),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else None,
)
def test_what_is_no_http(own_server: Server, sent: bytes, status: int) -> None:
    """What cannot be read as HTTP is refused in AWS's form, and the connection closed."""
    answers = exchange(own_server, sent)
    if not answers:  # the client wrote on while the server had closed
        assert status == 431
        return
    (answer,) = answers
    body = json.loads(answer.body)
    assert answer.status == status
    assert body["__type"] == answer.headers["x-amzn-errortype"]
    assert body["message"]
    assert answer.headers["content-type"] == JSON_1_1
    assert answer.headers["connection"] == "close"


def test_a_connection_serves_many_calls(own_server: Server) -> None:
    """A connection stays open after successes and after refusals."""
    answers = exchange(
        own_server,
        request_of(),
        request_of(body=b"nonsense"),
        request_of(method="GET"),
        request_of(body=b""),
        request_of(),
    )
    assert [answer.status for answer in answers] == [200, 400, 404, 400, 200]


def test_pipelined_calls_are_answered_in_order(own_server: Server) -> None:
    """Calls that come before the answer to the one before are answered in order."""
    calls = request_of(body=b"x") + request_of() + request_of(Connection="close")
    statuses = [answer.status for answer in exchange(own_server, calls, b"")]
    assert statuses[0] == 400
    assert set(statuses[1:]) <= {200}


@pytest.mark.parametrize("version", [b"1.0", b"0.9", b"2.0", b"9.9"])
def test_other_versions_of_http(own_server: Server, version: bytes) -> None:
    """A call in another version of HTTP is answered, as HTTP/1.0."""
    (answer,) = exchange(own_server, request_of().replace(b"HTTP/1.1", b"HTTP/" + version))
    assert answer.status == 200


def test_a_call_without_a_host_header(own_server: Server) -> None:
    """A Host header is not asked for, neither by us nor by S3."""
    assert [answer.status for answer in exchange(own_server, request_of(Host=""))] == [200]
    assert [answer.status for answer in exchange(own_server, b"GET / HTTP/1.1\r\n\r\n")] == [200]


def test_a_body_in_chunks(own_server: Server) -> None:
    """A body in chunks, with extensions and a trailer, is read as one."""
    chunks = b'1\r\n{\r\n2;x=y\r\n"M\r\n13\r\naxResults":1000000}\r\n0\r\nX-Trailer: 1\r\n\r\n'
    call = request_of(Content_Length="", Transfer_Encoding="chunked", body=chunks)
    (answer,) = exchange(own_server, call)
    assert "less than or equal to 100" in json.loads(answer.body)["message"]


def test_a_client_that_waits_to_be_asked(own_server: Server) -> None:
    """`Expect: 100-continue` is answered before the body is sent."""
    head, body = request_of(Expect="100-continue")[:-2], b"{}"
    invited, answer = exchange(own_server, head, body)
    assert (invited.status, answer.status) == (100, 200)


@pytest.mark.parametrize("path", ["/", "/test-bucket/wire-empty"])
def test_a_client_that_waits_to_be_asked_for_nothing(own_server: Server, path: str) -> None:
    """An empty body after `Expect: 100-continue` is not waited for; boto3 uploads empty objects so."""
    call = request_of(path, body=b"", Expect="100-continue", method="PUT" if path != "/" else "POST")
    (answer,) = exchange(own_server, call)
    assert answer.status in {200, 400, 404}


def test_another_expectation_is_passed_over(own_server: Server) -> None:
    """An expectation that HTTP does not know is no reason to refuse."""
    assert [answer.status for answer in exchange(own_server, request_of(Expect="a miracle"))] == [200]


def test_headers_may_be_odd(own_server: Server) -> None:
    """Names in any case, underscores, repeated and empty headers, and bytes beyond ASCII do no harm."""
    odd = "x-amz-TARGET: SageMaker.ListAutoMLJobs\r\nX_Under_Score: 1\r\nX-Twice: 1\r\nX-Twice: 2\r\nX-Empty:\r\n"
    odd += "X-Wide: \xe4\r\n"
    call = request_of(X_Amz_Target="").replace(b"Host:", odd.encode("latin-1") + b"Host:")
    assert [answer.status for answer in exchange(own_server, call)] == [200]


def test_a_target_twice_is_unknown(own_server: Server) -> None:
    """Two targets are joined by HTTP's rule, and no operation is called so."""
    call = request_of().replace(b"Host:", b"X-Amz-Target: SageMaker.ListAutoMLJobs\r\nHost:")
    (answer,) = exchange(own_server, call)
    assert json.loads(answer.body)["__type"] == "UnknownOperationException"


def test_half_a_request_holds_nobody_up(own_server: Server) -> None:
    """A client that stops in the middle keeps no other from being answered."""
    with pytest.raises(TimeoutError):
        exchange(own_server, request_of()[:-1], seconds=0.3)
    assert [answer.status for answer in exchange(own_server, request_of())] == [200]
