"""Waiting for what is true a moment later."""

import time
from collections.abc import Callable
from typing import Any


def settled(look: Callable[[], Any], expected: Any, seconds: float = 10.0) -> Any:
    """What `look` sees once that is `expected`, or after so long."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen
