"""Which address the server may listen on: this machine's own, unless callers must sign or the user insists."""

import errno
import ipaddress
import socket
from pathlib import Path
from typing import Any

from emulator.access.keys import Key, read_keys
from emulator.settings import Settings


class Unsafe(ValueError):
    """Settings with which the server does not start, since they would open it by mistake."""


class CannotListen(OSError):
    """The address is taken, or none of this machine; the text says so, and what to try."""


def listen(settings: Settings) -> socket.socket:
    """A socket at the address of the settings, which nobody answers yet. Raises Unsafe, CannotListen."""
    try:
        family, address = address_of(settings)
        return socket.create_server(address, family=family, backlog=1024)
    except (OSError, UnicodeError) as problem:  # a UnicodeError for what is no name of a host
        number, told = getattr(problem, "errno", None), getattr(problem, "strerror", None) or "no such host"
        other = "--port" if number in {errno.EADDRINUSE, errno.EACCES} else "--host"
        reason = told.partition(" (while")[0]  # Python goes on with the address
        raise CannotListen(
            f"Cannot listen on {in_url(settings.host)}:{settings.port}: {reason}. Try another {other}."
        ) from problem


def in_url(host: str) -> str:
    """A host as it stands before a port."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def address_of(settings: Settings) -> tuple[socket.AddressFamily, Any]:
    """The family and the address to listen on, resolved once, so that what was judged is what is bound.

    Raises Unsafe for one that other machines may reach; OSError where the host is not known.
    """
    found = socket.getaddrinfo(settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = min(found, key=lambda item: item[0] != socket.AF_INET)
    if not settings.require_auth and not settings.insecure and not _is_loopback(str(address[0])):
        raise Unsafe(
            f"{settings.host or 'an empty host'} can be reached from other machines: give --require-auth and "
            "--credentials-file FILE so that callers must sign, or --insecure if whoever reaches it may use it."
        )
    return socket.AddressFamily(family), address


def keys_of(settings: Settings) -> dict[str, Key] | None:
    """The keys that callers must have; None where nobody is asked. Raises Unsafe."""
    if not settings.require_auth:
        if settings.credentials_file:
            raise Unsafe("--credentials-file has no effect without --require-auth: give both, or neither.")
        return None
    if not settings.credentials_file:
        raise Unsafe("--require-auth needs the access keys of those who may call: give --credentials-file FILE.")
    try:
        return read_keys(Path(settings.credentials_file).expanduser())
    except ValueError as problem:
        raise Unsafe(f"--credentials-file: {problem}.") from None


def _is_loopback(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
