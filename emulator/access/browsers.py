"""Whether a stranger's web page is behind a request: it is in the user's browser, which reaches the port."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from emulator import errors
from emulator.refusals import WSGI

_OWNED_BY_NOBODY = frozenset({"localhost", "local", "internal", "test", "lan", "home.arpa", "localdomain"})
"""Ends of names that no stranger can register (RFC 2606, 6762, 8375; ICANN's reservation of internal)."""

_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")  # names of services, as some programs send them here
_LOOPBACK_SERVICE = ".localhost.localstack.cloud"  # a public name of 127.0.0.1 that many set-ups use
_PORT = re.compile(r":\d*$")


def check_origin(environ: WSGI) -> None:
    """Refuse what a page of another site sends. Raises AccessDenied."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        if not is_near(urlsplit(origin).hostname or origin, public_addresses=False):
            raise errors.access.foreign_origin(origin)
    elif environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        raise errors.access.foreign_origin("another site")


def check_host(environ: WSGI) -> None:
    """Refuse a name that a stranger may have pointed at this machine. Raises AccessDenied."""
    host = environ.get("HTTP_HOST", "")
    name = _PORT.sub("", host).strip("[]")
    if not is_near(name, public_addresses=True) and not name.lower().endswith((*_AWS, _LOOPBACK_SERVICE)):
        raise errors.access.foreign_host(host)


@lru_cache(256)
def is_near(name: str, *, public_addresses: bool) -> bool:
    """Whether a host cannot be a stranger's: an address, a name without a dot, or one that nobody can register."""
    name = name.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        ends = {name.rpartition(".")[2], ".".join(name.split(".")[-2:])}
        return name != "null" and ("." not in name or bool(ends & _OWNED_BY_NOBODY))
    return public_addresses or address.is_private or address.is_loopback
