"""What the credential scope of a signature names: a region and a service. Whether it is valid is not looked at."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

DEFAULT_REGION = "us-east-1"

_SCOPE = re.compile(r"[^/,\s]+/\d+/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/")
_REGION = re.compile(r"[a-z0-9-]+")
_IN_QUERY = re.compile(r"(?:^|&)X-Amz-Credential=([^&]*)")


def region_of(environ: Mapping[str, Any]) -> str:
    """The region that a request is signed for, or the default one where there is none."""
    scope = _SCOPE.search(credential_of(environ))
    return scope["region"] if scope and _REGION.fullmatch(scope["region"]) else DEFAULT_REGION


def service_of(environ: Mapping[str, Any]) -> str:
    """The service that a request is signed for, in lower case; empty where there is none."""
    scope = _SCOPE.search(credential_of(environ))
    return scope["service"].lower() if scope else ""


def credential_of(environ: Mapping[str, Any]) -> str:
    """Where a WSGI request says by whom it is signed: its header, or else the query of a signed URL. May be empty."""
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    in_query = None if header else _IN_QUERY.search(environ.get("QUERY_STRING", ""))
    return unquote(in_query[1]) if in_query else header
