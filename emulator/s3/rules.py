"""What S3 refuses of a request before it looks at any bucket: moto would break at it, or keep it and break later."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from emulator import errors
from emulator.refusals import WSGI
from emulator.s3.bucket_names import is_allowed
from emulator.s3.documents import check_document
from emulator.s3.operations import Asked, Operation, find_operation
from emulator.s3.places import place_of
from emulator.s3.xml_bodies import is_timestamp

_METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
_WRITING = _METHODS - {"GET", "HEAD"}
_CONTROL = "/v20180820/"  # S3 Control, which signs for the same service
LONGEST_KEY = 1024  # bytes
_INTEGER = re.compile(r"\d{1,10}", re.ASCII)
_LARGEST_INTEGER = 2**31 - 1
_MOST_PARTS = 10_000
_FOR_HEADERS = ("response-", "x-amz-meta-")
_FOR_HEADER = re.compile("[\t -~\xa0-\xff]*")
_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*("[^",]+"|[^",=]+)\s*', re.IGNORECASE)
CANNED_ACLS = frozenset(
    {"private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "log-delivery-write"}
    | {"bucket-owner-read", "bucket-owner-full-control"}
)
_DIRECTIVES = ("x-amz-metadata-directive", "x-amz-tagging-directive")
_COPIED_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})", re.ASCII)
_GRANTS = ("read", "write", "read-acp", "write-acp", "full-control")


def check_request(environ: WSGI) -> None:
    """Raises S3's errors."""
    method = environ["REQUEST_METHOD"]
    if environ.get("PATH_INFO", "").startswith(_CONTROL) or "s3-control" in environ["HTTP_HOST"]:
        return
    if method == "OPTIONS":
        _check_preflight(environ)
        return
    if method not in _METHODS:
        raise errors.method_not_allowed()
    bucket, key = place_of(environ)
    if method in _WRITING and len(key) > LONGEST_KEY:
        raise errors.s3.key_too_long()
    parameters = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    query = {name: values[0] for name, values in parameters.items()}
    headers = frozenset(name[5:].replace("_", "-").lower() for name in environ if name.startswith("HTTP_"))
    operation = find_operation(Asked(method, bool(bucket), bool(key), query, headers))
    if operation is None:
        _check_form(environ, bucket, key)
        return
    if operation.model.name == "CreateBucket" and not is_allowed(bucket):
        raise errors.s3.invalid_bucket_name()
    _check_query(operation, query)
    _check_headers(environ)
    check_document(operation.model, environ)


def _check_preflight(environ: WSGI) -> None:
    if not environ.get("HTTP_ORIGIN"):
        raise errors.s3.no_origin()
    if not environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"):
        raise errors.s3.no_preflight_method()


def _check_form(environ: WSGI, bucket: str, key: bytes) -> None:
    """What is no operation of S3's may be a form that a browser posts to a bucket."""
    if environ["REQUEST_METHOD"] != "POST" or not bucket or key:
        raise errors.method_not_allowed()
    if not environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data"):
        raise errors.s3.not_a_form()


def _check_query(operation: Operation, query: Mapping[str, str]) -> None:
    _check_for_headers(query)
    shape: Any = operation.model.input_shape
    for member in () if shape is None else shape.members.values():
        name = member.serialization.get("name")
        if member.serialization.get("location") != "querystring" or name not in query:
            continue
        _check_parameter(name, member.type_name, query[name])


def _check_parameter(name: str, kind: str, value: str) -> None:
    if name == "partNumber":
        if not (_INTEGER.fullmatch(value) and 1 <= int(value) <= _MOST_PARTS):
            raise errors.s3.invalid_part_number(_MOST_PARTS)
    elif kind == "integer":
        if not (_INTEGER.fullmatch(value) and int(value) <= _LARGEST_INTEGER):
            raise errors.s3.no_integer(name)
    elif name == "encoding-type" and value != "url":
        raise errors.s3.invalid_encoding_type()


def _check_for_headers(query: Mapping[str, str]) -> None:
    for name, value in query.items():
        if name.lower().startswith(_FOR_HEADERS) and not _FOR_HEADER.fullmatch(value):
            raise errors.s3.no_header_value(name)


def _check_headers(environ: WSGI) -> None:
    acl = environ.get("HTTP_X_AMZ_ACL")
    if acl and acl not in CANNED_ACLS:
        raise errors.s3.invalid_header("x-amz-acl")
    for permission in _GRANTS:
        given = environ.get(f"HTTP_X_AMZ_GRANT_{permission.upper().replace('-', '_')}")
        if given is not None and not all(map(_GRANTEE.fullmatch, given.split(","))):
            raise errors.s3.invalid_header(f"x-amz-grant-{permission}")
    until = environ.get("HTTP_X_AMZ_OBJECT_LOCK_RETAIN_UNTIL_DATE")
    if until is not None and not is_timestamp(until):
        raise errors.s3.invalid_header("x-amz-object-lock-retain-until-date")
    _check_copy(environ)


def _check_copy(environ: WSGI) -> None:
    source = environ.get("HTTP_X_AMZ_COPY_SOURCE")
    if source is not None and not _is_copy_source(source):
        raise errors.s3.invalid_copy_source()
    for directive in _DIRECTIVES:
        if environ.get(f"HTTP_{directive.upper().replace('-', '_')}", "COPY") not in {"COPY", "REPLACE"}:
            raise errors.s3.invalid_header(directive)
    copied = environ.get("HTTP_X_AMZ_COPY_SOURCE_RANGE")
    if copied is not None:
        found = _COPIED_RANGE.fullmatch(copied)
        if found is None or int(found[1]) > int(found[2]):
            raise errors.s3.invalid_copied_range()


def _is_copy_source(source: str) -> bool:
    try:
        bucket, _, key = unquote(urlsplit(source).path).lstrip("/").partition("/")
    except ValueError:  # what looks like an address in brackets and is none
        return False
    return bool(bucket and key)
