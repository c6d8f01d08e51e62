"""The process that serves a model: whatever goes wrong with a request, its caller is answered."""

import socket
from typing import Any

from emulator import errors
from emulator.frames import read_frame
from emulator.inference.service import Service


def test_a_refusal_is_sent_whatever_is_in_it() -> None:
    """Words that are no UTF-8 reach the caller as escapes: a refusal that cannot be sent is a call without an end."""
    ours, theirs = socket.socketpair()
    nothing: Any = None
    with ours, theirs, theirs.makefile("rb") as stream:
        Service(ours, nothing, nothing, nothing).refuse(7, errors.ContainerError(422, "no \ud800 string"))
        frame = read_frame(stream)
    assert frame is not None
    assert (frame.content["refused"], frame.content["status"], frame.payload) == (7, 422, b"no \\ud800 string")
