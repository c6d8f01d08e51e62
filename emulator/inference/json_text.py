"""The JSON of a request's body, refused in the words of serde_json, the parser of the TGI container."""

import json
import math
import re
from typing import Any, NoReturn

LONGEST_NUMBER = 309
"""Digits of the largest whole number that serde_json reads, as a double."""

_WORDS = {
    "Expecting value": "expected value",
    "Extra data": "trailing characters",
    "Unterminated string starting at": "EOF while parsing a string",
    "Expecting property name enclosed in double quotes": "key must be a string",
    "Expecting ':' delimiter": "expected `:`",
    "Expecting ',' delimiter": "expected `,` or the end of what it is in",
    "Invalid control character at": "control character (\\u0000-\\u001F) found while parsing a string",
}
_OTHER_WORDS = (("Illegal trailing comma", "trailing comma"), ("Invalid \\", "invalid escape"))
_SOUND = re.compile(
    r"(?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+"
)
"""Text whose escapes of surrogates come in pairs."""


class Unreadable(Exception):
    """A body that is no JSON; the text says why."""


class _NoNumber(Exception):
    """A literal that JSON does not have, or that no double can be."""

    def __init__(self, problem: str, literal: str) -> None:
        super().__init__(problem)
        self.literal = literal


def parsed(body: bytes) -> Any:
    """The JSON value of a body. Raises Unreadable."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Unreadable(f"invalid unicode code point at byte {problem.start}") from None
    try:
        value = json.loads(text, parse_constant=_constant, parse_int=_whole_number, parse_float=_fraction)
    except json.JSONDecodeError as problem:
        words = _in_words(problem)
        at_end = words.startswith("EOF")  # Python tells where a string begins, and a column behind the end
        place = position(body) if at_end else f"at line {problem.lineno} column {problem.colno}"
        raise Unreadable(f"{words} {place}") from None
    except RecursionError:
        raise Unreadable("recursion limit exceeded") from None
    except _NoNumber as problem:
        end = text.find(problem.literal) + len(problem.literal)
        raise Unreadable(f"{problem} {position(text[:end].encode())}") from None
    sound = _SOUND.match(text)
    if sound is not None and sound.end() < len(text):
        end = sound.end() + len("\\ud800")
        raise Unreadable(f"lone leading surrogate in hex escape {position(text[:end].encode())}")
    return value


def position(body: bytes) -> str:
    """Where a body ends, as serde counts."""
    line = body.count(b"\n") + 1
    column = len(body) - body.rfind(b"\n") - 1
    return f"at line {line} column {column}"


def _in_words(problem: json.JSONDecodeError) -> str:
    if problem.msg == "Expecting value" and not problem.doc[problem.pos :].strip():
        return "EOF while parsing a value"
    others = (words for begin, words in _OTHER_WORDS if problem.msg.startswith(begin))
    return _WORDS.get(problem.msg) or next(others, "expected value")


def _whole_number(literal: str) -> int:
    if len(literal) > LONGEST_NUMBER:
        raise _NoNumber("number out of range", literal)
    return int(literal)


def _fraction(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise _NoNumber("number out of range", literal)
    return value


def _constant(literal: str) -> NoReturn:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise _NoNumber(f"expected value, not {literal},", literal)
