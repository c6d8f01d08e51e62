"""How a program of ours hears that it is to end."""

import os
import signal
import socket
import sys

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = b"\x1b[?25h\n"  # a progress bar hides it


def told_to_end() -> socket.socket:
    """Has something to read from the first SIGINT or SIGTERM on.

    A signal wakes no thread that is just about to wait for a lock or an Event, or that another thread took it from: the
    server would never end. A byte is there however late one looks.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    for number in _SIGNALS:
        signal.signal(number, lambda *_: None)
    return reader


def exit_when_told() -> None:
    """Let SIGINT or SIGTERM end this process at once; what it has started ends with it, by its leash.

    Nothing is raised: an exception at any point of boto3 or of the emulator's own end can leave a thread waiting for
    ever.
    """

    def leave(number: int, _: object) -> None:
        if sys.stdout is not None and sys.stdout.isatty():
            os.write(sys.stdout.fileno(), _SHOW_CURSOR)
        os._exit(128 + number)

    for number in _SIGNALS:
        signal.signal(number, leave)
