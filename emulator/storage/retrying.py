"""Changes of the database that have to be made, if not now then as soon as there is room for them."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from typing import TypeVar

from emulator import errors

T = TypeVar("T")

LONGEST_PAUSE_SECONDS = 5.0

logger = logging.getLogger(__name__)


def retried(change: Callable[[], T], name: str, ended: threading.Event) -> T:
    """What a change of the record called `name` gives, tried again and again while the disk is full.

    Once `ended` is set nothing is tried again: the problem is raised, as is at once whatever has another cause.
    """
    pause = 0.1
    while True:
        try:
            return change()
        except (sqlite3.OperationalError, errors.ApiError) as problem:
            if isinstance(problem, errors.ApiError) and problem.code != "InternalFailure":
                raise
            if ended.wait(pause):
                raise
            logger.warning("%s cannot be written: %s", name, problem)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
