"""Patterns of the service model, matched as Java matches them: against the whole value."""

from functools import cache
from typing import Any

import regex  # type: ignore[import-untyped]

_SURE_LENGTH = 4096
_PATIENCE_S = 0.2


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value matches.

    Some patterns take time that grows with the square of the length. Within any limit of the service model that is
    a moment; a longer value that is not done in time counts as no match, since it breaks its length limit anyway.
    """
    timeout = _PATIENCE_S if len(value) > _SURE_LENGTH else None
    try:
        return _compiled(pattern).fullmatch(value, timeout=timeout) is not None
    except TimeoutError:
        return False


@cache
def _compiled(pattern: str) -> Any:
    r"""A compiled pattern whose classes mean what they mean in Java.

    There, `\d`, `\s` and `\p{Print}` are ASCII, but `\p{L}` is not; and `.` stops at every line separator (WORD).
    """
    pattern = pattern.replace(r"[\p{Print}]", "[ -~]").replace(r"\z", r"\Z")
    ascii_only = 0 if r"\p{" in pattern else regex.ASCII
    return regex.compile(pattern, regex.WORD | ascii_only)
