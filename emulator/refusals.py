"""An error in the form that the caller's protocol reads, for whichever AWS service the request was meant."""

import re
from collections.abc import Callable
from enum import Enum
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from emulator import errors, protocol
from emulator.credential_scope import service_of

WSGI = Any  # a WSGI application, environment or start_response: the standard gives them no useful type

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd]")
S3_SERVICES = frozenset({"s3", "s3-object-lambda", "s3-outposts", "s3express"})
_PAGES = ("/moto-api", "/_emulator/")
_REST_XML = frozenset({"cloudfront", "route53"})
_LONGEST_PATH = 200


def name_of(environ: WSGI) -> str:
    """What a request asks for, as an error names it."""
    target: str | None = environ.get("HTTP_X_AMZ_TARGET")
    path = "".join(sign if sign.isprintable() else "?" for sign in environ.get("PATH_INFO", "/")[:_LONGEST_PATH])
    return target[:_LONGEST_PATH] if target else f"{environ['REQUEST_METHOD']} {path}"


def is_s3(environ: WSGI) -> bool:
    """Whether moto would take a request for one to S3."""
    return _form_for(environ) is _s3


def refuse(environ: WSGI, error: errors.ApiError, status: int | None = None) -> Response:
    """The answer for an error, in the caller's protocol; `status` where it is not the error's own."""
    request_id = protocol.new_request_id()
    body, content_type = _form_for(environ)(error, request_id)
    headers = {"x-amzn-RequestId": request_id, "x-amzn-errortype": error.code}
    return Response(body, status or error.status, headers, content_type=content_type)


class Family(Enum):
    """How a service names its errors: each kind of protocol has codes of its own for the same thing."""

    JSON = "json"
    QUERY = "query"
    REST = "rest"
    S3 = "s3"


def family_of(environ: WSGI) -> Family:
    """The family of the error that `refuse` would send."""
    return _FAMILIES[_form_for(environ)]


Form = Callable[[errors.ApiError, str], tuple[bytes, str]]


def _form_for(environ: WSGI) -> Form:
    content_type = environ.get("CONTENT_TYPE", "").lower()
    service = service_of(environ)
    if service in S3_SERVICES:  # first: an object's content may be of any type
        return _s3
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        return _cbor
    if "HTTP_X_AMZ_TARGET" in environ or "amz-json" in content_type:
        return _json_1_0 if content_type.startswith("application/x-amz-json-1.0") else _json_1_1
    return _form_without_target(environ, service)


def _form_without_target(environ: WSGI, service: str) -> Form:
    content_type = environ.get("CONTENT_TYPE", "").lower()
    if environ.get("PATH_INFO", "").startswith(_PAGES):
        return _rest_json
    is_form = "x-www-form-urlencoded" in content_type and environ["REQUEST_METHOD"] == "POST"
    if is_form or "Action=" in environ.get("QUERY_STRING", ""):
        return _ec2 if service == "ec2" else _query
    if not service:
        return _s3
    return _query if service in _REST_XML else _rest_json


def _json_1_1(error: errors.ApiError, request_id: str) -> tuple[bytes, str]:
    return protocol.encode_error(error, request_id).body, protocol.CONTENT_TYPE


def _json_1_0(error: errors.ApiError, request_id: str) -> tuple[bytes, str]:
    return protocol.encode_error(error, request_id).body, "application/x-amz-json-1.0"


def _rest_json(error: errors.ApiError, request_id: str) -> tuple[bytes, str]:
    return protocol.encode_error(error, request_id).body, "application/json"


def _cbor(error: errors.ApiError, _: str) -> tuple[bytes, str]:
    """RFC 8949: a map of two pairs of texts."""
    texts = ("__type", error.code, "message", error.message or "")
    return b"\xa2" + b"".join(map(_cbor_text, texts)), "application/cbor"


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    return b"\x7a" + len(encoded).to_bytes(4, "big") + encoded


def _query(error: errors.ApiError, request_id: str) -> tuple[bytes, str]:
    content = f"<Error><Type>Sender</Type>{_xml(error)}</Error><RequestId>{request_id}</RequestId>"
    return f"<ErrorResponse>{content}</ErrorResponse>".encode(), "text/xml"


def _ec2(error: errors.ApiError, request_id: str) -> tuple[bytes, str]:
    content = f"<Errors><Error>{_xml(error)}</Error></Errors><RequestID>{request_id}</RequestID>"
    return f"<Response>{content}</Response>".encode(), "text/xml"


def _s3(error: errors.ApiError, request_id: str) -> tuple[bytes, str]:
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    content = f"{declaration}\n<Error>{_xml(error)}<RequestId>{request_id}</RequestId></Error>"
    return content.encode(), "application/xml"


def _xml(error: errors.ApiError) -> str:
    message = escape(_NO_XML.sub("?", error.message or ""))
    return f"<Code>{error.code}</Code><Message>{message}</Message>"


_FAMILIES: dict[Form, Family] = {
    _json_1_1: Family.JSON,
    _json_1_0: Family.JSON,
    _cbor: Family.JSON,
    _rest_json: Family.REST,
    _query: Family.QUERY,
    _ec2: Family.QUERY,
    _s3: Family.S3,
}
