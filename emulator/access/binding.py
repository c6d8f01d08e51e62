"""Which address the server may listen on: this machine's own, unless callers must sign or the user insists."""

import ipaddress
import socket
from pathlib import Path
from typing import Any

from emulator.access.keys import Key, read_keys
from emulator.settings import Settings


class Unsafe(ValueError):
    """Settings with which the server does not start, since they would open it by mistake."""


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
