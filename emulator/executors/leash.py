"""The leash: how a process that the server started ends with the server, whatever state either is in.

The server holds the writing end of a pipe and never writes. When it is gone the kernel closes that end.
"""

import contextlib
import fcntl
import os
import select
import signal
import threading
from pathlib import Path

_OWN_END = "/proc/self/fd/{}"


def wear_leash(leash: int) -> None:
    """End this process's group as soon as the server is gone. The process must lead its group.

    A thread waits for the end of the pipe. Where the system can (Linux), the kernel itself sends the SIGKILL too,
    which ends a process whose threads cannot run: a stopped one, or one stuck in native code.
    """
    with contextlib.suppress(OSError, AttributeError):
        _let_the_kernel_kill(leash)
    threading.Thread(target=_watch, args=(leash,), daemon=True, name="leash").start()


def kernel_leash(leash: int) -> None:
    """The kernel's part of the leash alone, for a process that must have no threads, since it forks."""
    with contextlib.suppress(OSError, AttributeError):
        _let_the_kernel_kill(leash)


def end_first() -> None:
    """Where the machine's memory is used up, let Linux end this process before any other."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _watch(leash: int) -> None:
    os.read(leash, 1)
    os.killpg(0, signal.SIGKILL)


def _let_the_kernel_kill(leash: int) -> None:
    # The owner of the signal belongs to an open file, which all that inherit `leash` share: so open the pipe anew.
    own = os.open(_OWN_END.format(leash), os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(own, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(own, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(own, fcntl.F_SETFL, fcntl.fcntl(own, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([own], [], [], 0)[0]:  # the server was gone before, which is told to nobody later
        os.killpg(0, signal.SIGKILL)
