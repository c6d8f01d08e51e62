"""The wire of our operations: what is refused before an operation has seen the request, and in which order."""

import gzip
import json
from typing import Any

import pytest
import requests

from tests.support.requests import text_generation
from tests.support.server import JSON_1_1, Server
from tests.support.wire import REQUEST_ID, assert_error

LIST = "SageMaker.ListAutoMLJobs"
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0"
BARE = b"<UnknownOperationException/>\n"


def send(
    server: Server, method: str = "POST", body: bytes = b"{}", path: str = "/", **headers: str
) -> requests.Response:
    """A call of ListAutoMLJobs but for what is given."""
    sent = {"Content-Type": JSON_1_1, "X-Amz-Target": LIST} | {k.replace("_", "-"): v for k, v in headers.items()}
    return requests.request(
        method, server.url + path, data=body, headers={k: v for k, v in sent.items() if v}, timeout=30
    )


def test_a_success_has_awss_headers(own_server: Server) -> None:
    """A success is 200 with JSON 1.1's content type and a request id, and takes no signature."""
    answer = send(own_server)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == JSON_1_1
    assert REQUEST_ID.fullmatch(answer.headers["x-amzn-RequestId"])


@pytest.mark.parametrize(
    "target",
    [
        "",
        "x",
        ".",
        "SageMaker",
        "SageMaker.",
        "SageMaker.Nonsense",
        "SageMaker.listAutoMLJobs",
        "SageMaker.ListAutoMLJobs.",
        "SageMaker.ListAutoMLJobs, SageMaker.ListAutoMLJobs",
        "SageMaker_20170724.ListAutoMLJobs",
        "sagemaker.ListAutoMLJobs",
        "SAGEMAKER.ListAutoMLJobs",
        "Other.ListAutoMLJobs",
        "Other.CreateAutoMLJobV2",
    ],
)
@pytest.mark.parametrize("body", [b"{}", b""])
def test_unknown_target(own_server: Server, target: str, body: bytes) -> None:
    """No target, or one that is not letter for letter an operation's, is UnknownOperationException, body or no body."""
    answer = send(own_server, body=body, X_Amz_Target=target, Authorization=SIGNED)
    assert_error(answer, "UnknownOperationException")


def test_white_space_around_a_target_is_http_s(own_server: Server) -> None:
    """Spaces around a header's value do not belong to it."""
    assert send(own_server, X_Amz_Target=f"{LIST} \t").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"])
def test_other_methods(own_server: Server, method: str) -> None:
    """A method other than POST addresses no operation: 404, and XML whatever the caller reads."""
    answer = send(own_server, method)
    assert (answer.status_code, answer.content) == (404, b"" if method == "HEAD" else BARE)
    assert answer.headers["Content-Length"] == str(len(BARE))
    assert answer.headers["x-amzn-errortype"] == "UnknownOperationException"
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "application/x-amz-json-1.0", "application/x-www-form-urlencoded", ";", "x"],
)
def test_other_content_types(own_server: Server, content_type: str) -> None:
    """A content type that is not JSON 1.1's addresses no operation, even where the body is fine."""
    answer = send(own_server, Content_Type=content_type)
    assert (answer.status_code, answer.content) == (404, BARE)


@pytest.mark.parametrize(
    "content_type", [f"{JSON_1_1}; charset=utf-8", JSON_1_1.upper(), f"{JSON_1_1};x", f"{JSON_1_1} ;"]
)
def test_content_types_with_parameters(own_server: Server, content_type: str) -> None:
    """Parameters and case of the content type do not matter."""
    assert send(own_server, Content_Type=content_type).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"hello",
        b"{",
        b'{"a":1,}',
        b"{'a':1}",
        b"null",
        b"1",
        b'"x"',
        b'{"MaxResults":NaN}',
        b'{"MaxResults":-Infinity}',
        b'{"NameContains":"\\ud800"}',
        b'{"NameContains":"\xff"}',
        b'{"MaxResults":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x00",
        gzip.compress(b"{}", mtime=0),
    ],
    ids=lambda body: repr(body[:20]),
)
def test_unreadable_bodies(own_server: Server, body: bytes) -> None:
    """A body that is no JSON, or whose text is no Unicode, is SerializationException without words."""
    assert_error(send(own_server, body=body), "SerializationException")


@pytest.mark.parametrize(
    "body",
    [
        b'{"x":1,"x":2}',
        b'{"x":1e999}',
        b'{"x":"\\ud800"}',
        b"\xef\xbb\xbf{}",
        b'{"x":' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_odd_bodies_that_are_json(own_server: Server, body: bytes) -> None:
    """Duplicate keys, huge numbers, a byte order mark, and whatever an unknown member holds are read."""
    assert send(own_server, body=body).status_code == 200


def test_the_last_of_duplicate_keys_counts(own_server: Server) -> None:
    """Of two members of one name the last is the request's."""
    answer = send(own_server, body=b'{"MaxResults":1,"MaxResults":"x"}')
    assert answer.json()["__type"] == "SerializationException"


def test_json_is_judged_before_the_target(own_server: Server) -> None:
    """A body that is no JSON is told before a target that is unknown."""
    assert_error(send(own_server, body=b"hello", X_Amz_Target="SageMaker_1.X"), "SerializationException")


def test_the_path_does_not_matter(own_server: Server) -> None:
    """An operation is addressed by its target alone."""
    assert send(own_server, path="/some/where?x=1").status_code == 200


def test_the_region_is_the_signatures(own_server: Server) -> None:
    """The region comes from the credential scope; a scope that is none counts as no signature."""
    name = {"AutoMLJobName": "done-region"}
    own_server.client("sagemaker", "eu-west-1").create_auto_ml_job_v2(**text_generation("done-region"))
    describe: dict[str, Any] = {"body": json.dumps(name).encode(), "X_Amz_Target": "SageMaker.DescribeAutoMLJobV2"}
    assert send(own_server, **describe, Authorization=SIGNED).status_code == 200
    for scope in ("test/20260101/eu west 1/sagemaker/aws4_request", "/////", "eu-west-1", ""):
        authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        assert send(own_server, **describe, Authorization=authorization).json()["__type"] == "ResourceNotFound"


@pytest.mark.parametrize("authorization", ["Basic dTpw", "Bearer x", "AWS4-HMAC-SHA256", "AWS key:signature", "\xff"])
def test_odd_authorization_is_accepted(own_server: Server, authorization: str) -> None:
    """Without --require-auth nobody looks at the signature."""
    assert send(own_server, Authorization=authorization).status_code == 200


def test_gzip(own_server: Server) -> None:
    """A gzip body is read as what it holds."""
    body = gzip.compress(json.dumps({"MaxResults": 101}).encode())
    assert "less than or equal to 100" in send(own_server, body=body, Content_Encoding="gzip").json()["message"]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"{}"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-1]),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"x"),
        ("br", b"{}"),
    ],
)
def test_bodies_that_are_not_in_their_encoding(own_server: Server, encoding: str, body: bytes) -> None:
    """An encoding that is unknown, or that the body is not in, is a malformed HTTP request."""
    answer = send(own_server, body=body, Content_Encoding=encoding)
    assert (answer.status_code, answer.json()["__type"]) == (400, "MalformedHttpRequestException")


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_oversized_bodies(own_server: Server, encoding: str) -> None:
    """A body over the limit is refused as such, compressed or not, before anything else is looked at."""
    body = b" " * 5_000_001
    answer = send(own_server, "GET", gzip.compress(body) if encoding else body, Content_Encoding=encoding)
    assert_error(
        answer, "RequestEntityTooLargeException", "A request must not be larger than 5000000 bytes.", status=413
    )


def test_body_at_the_limit(own_server: Server) -> None:
    """The limit itself is allowed."""
    assert send(own_server, body=b"{}".ljust(5_000_000)).status_code == 200
