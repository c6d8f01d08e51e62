"""Signals to a worker process and to all that it started."""

import contextlib
import os


def signal_process_group(leader: int, number: int) -> None:
    """Send a signal to the group of a worker; nothing happens where it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, number)
