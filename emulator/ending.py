"""How a program of ours hears that it is to end."""

import signal
import socket


def told_to_end() -> socket.socket:
    """Has something to read from the first SIGINT or SIGTERM on.

    A signal wakes no thread that is just about to wait for a lock or an Event, or that another thread took it from: the
    server would never end. A byte is there however late one looks.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return reader
