"""AWS JSON 1.1 to Python values and back. Knows no framework and does no I/O."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator import errors

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET_PREFIX = "SageMaker."
DEFAULT_REGION = "us-east-1"

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request")


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


def region_of(authorization: str) -> str:
    """The region in the credential scope of a signature, or the default one where there is none."""
    scope = _CREDENTIAL_SCOPE.search(authorization)
    return scope["region"] if scope else DEFAULT_REGION


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
    body = b"" if response is None else json.dumps(response, separators=(",", ":"), allow_nan=False).encode()
    return Answer(200, _headers(request_id), body)


def encode_error(error: errors.ApiError, request_id: str) -> Answer:
    """An error as SDKs read it: `__type` and `message` in the body, the code in a header too."""
    content = {"__type": error.code} | ({} if error.message is None else {"message": error.message})
    headers = _headers(request_id) | {"x-amzn-errortype": error.code}
    return Answer(error.status, headers, json.dumps(content, separators=(",", ":")).encode())


def new_request_id() -> str:
    """A request id in the service's form, a random UUID."""
    return str(uuid.uuid4())


def _headers(request_id: str) -> dict[str, str]:
    return {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": request_id}
