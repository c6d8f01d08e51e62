"""Messages over a socket between the server and a process that serves a model: a JSON object, and bytes beside it.

Nothing that comes over it is ever run or unpickled, whichever side sends it.
"""

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

_LENGTHS = struct.Struct(">II")
_NAME = "socket"
_LONGEST_ADDRESS = 100
"""Bytes of a Unix socket's path: Linux takes 107, macOS 103."""


class Frame(NamedTuple):
    """One message."""

    content: dict[str, Any]
    payload: bytes


@contextmanager
def address_in(folder: str) -> Iterator[str]:
    """The address of the socket in a folder; a path too long for one is gone round where the system can (Linux)."""
    path = os.path.join(folder, _NAME)
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{_NAME}"
    finally:
        os.close(descriptor)


def send_frame(connection: socket.socket, content: dict[str, Any], payload: bytes = b"") -> None:
    """Write a message whole. Raises OSError where the other end is gone, or does not read."""
    text = json.dumps(content).encode()
    connection.sendall(_LENGTHS.pack(len(text), len(payload)) + text + payload)


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next message, or None where the other end is gone."""
    try:
        lengths = stream.read(_LENGTHS.size)
        if len(lengths) < _LENGTHS.size:
            return None
        text_length, payload_length = _LENGTHS.unpack(lengths)
        body = stream.read(text_length + payload_length)
    except ConnectionError:
        return None
    if len(body) < text_length + payload_length:
        return None
    return Frame(json.loads(body[:text_length]), body[text_length:])
