"""AWS JSON 1.1 to Python values and back. Knows no framework and does no I/O."""

import json
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator import errors

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET_PREFIX = "SageMaker."
LARGEST_BODY = 5_000_000
"""Of a call to one of our operations, in bytes, compressed or not."""

_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}
"""By how the names of their regions begin; all others are in the partition aws. Source: botocore's partitions."""
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Call:
    """One API call, parsed: `request` is the JSON body as sent."""

    operation: str
    request: object
    region: str
    account: str
    request_id: str


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, headers and the body's bytes."""

    status: int
    headers: dict[str, str]
    body: bytes


def operation_of(target: str) -> str:
    """The operation that an X-Amz-Target header names. Raises UnknownOperationException."""
    if not target.startswith(TARGET_PREFIX):
        raise errors.unknown_operation()
    return target.removeprefix(TARGET_PREFIX)


def arn_of(kind: str, region: str, account: str, name: str) -> str:
    """The ARN of a SageMaker resource; the name's case is kept, as the service does since 2022."""
    return f"arn:{_partition_of(region)}:sagemaker:{region}:{account}:{kind}/{name}"


def _partition_of(region: str) -> str:
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def is_json_1_1(content_type: str) -> bool:
    """Whether a Content-Type names our protocol, in whatever case and with whatever parameters."""
    return content_type == CONTENT_TYPE or content_type.partition(";")[0].strip().lower() == CONTENT_TYPE


def decompress(body: bytes, encoding: str) -> bytes:
    """The body without its Content-Encoding: gzip or none.

    Raises MalformedHttpRequestException for another encoding or bytes that are not in it, and
    RequestEntityTooLargeException.
    """
    if len(body) > LARGEST_BODY:
        raise errors.body_too_large(LARGEST_BODY)
    if encoding.lower() in {"", "identity"}:
        return body
    if encoding.lower() not in {"gzip", "x-gzip"}:
        raise errors.malformed_request(f"the Content-Encoding {encoding} is not supported")
    return _gunzip(body)


def _gunzip(body: bytes) -> bytes:
    stream = zlib.decompressobj(_GZIP)
    try:
        plain = stream.decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        plain = b""
    if len(plain) > LARGEST_BODY:
        raise errors.body_too_large(LARGEST_BODY)
    if not stream.eof or stream.unused_data:
        raise errors.malformed_request("the body is not what its Content-Encoding says")
    return plain


def decode_body(body: bytes) -> object:
    """The JSON value of a request body. Raises SerializationException."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise errors.unreadable_body() from None


def _refuse(constant: str) -> None:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(constant)


def encode(response: Mapping[str, Any] | None, request_id: str) -> Answer:
    """A successful answer; None is an operation without output, whose body is empty."""
    body = b"" if response is None else _json(response)
    return Answer(200, _headers(request_id), body)


def encode_error(error: errors.ApiError, request_id: str) -> Answer:
    """An error as SDKs read it: `__type` and `message` in the body, the code in a header too.

    Where AWS has no words the message is empty: SDKs treat that as they treat none, and callers can rely on the member.
    """
    headers = _headers(request_id) | {"x-amzn-errortype": error.code}
    return Answer(error.status, headers, _json({"__type": error.code, "message": error.message or ""}))


def encode_bare_error(error: errors.ApiError, request_id: str) -> Answer:
    """An error outside of JSON 1.1, where AWS sends the code alone, as XML without a content type."""
    headers = {"x-amzn-RequestId": request_id, "x-amzn-errortype": error.code}
    return Answer(error.status, headers, f"<{error.code}/>\n".encode())


def new_request_id() -> str:
    """A request id in the service's form, a random UUID."""
    return str(uuid.uuid4())


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def _headers(request_id: str) -> dict[str, str]:
    return {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": request_id}
