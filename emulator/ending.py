"""How a program of ours hears that it is to end."""

import signal
import socket
import sys

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
    """Let the first SIGINT or SIGTERM raise SystemExit in the main thread, which ends what that has begun in order."""

    def leave(number: int, _: object) -> None:
        for other in _SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in _SIGNALS:
        signal.signal(number, leave)
