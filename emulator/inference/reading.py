"""JSON members of a request, each of its type, refused in the words of the containers' own parsers."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator import errors

Kind = tuple[str, Callable[[Any], bool]]
"""What a member is to be, in words, and whether a value is that."""

_U32 = 2**32
_U64 = 2**64


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


STRING: Kind = ("a string", lambda value: isinstance(value, str))
BOOLEAN: Kind = ("a boolean", lambda value: isinstance(value, bool))
NUMBER: Kind = (
    "f32",
    lambda value: (_whole(value) and abs(value) < 2**100) or (isinstance(value, float) and math.isfinite(value)),
)
COUNT: Kind = ("u32", lambda value: _whole(value) and 0 <= value < _U32)
INTEGER: Kind = ("i32", lambda value: _whole(value) and -(2**31) <= value < 2**31)
LARGE: Kind = ("u64", lambda value: _whole(value) and 0 <= value < _U64)
SIZE: Kind = ("usize", LARGE[1])
STRINGS: Kind = (
    "a sequence",
    lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
)
OBJECT: Kind = ("struct GenerateParameters", lambda value: isinstance(value, dict))


class Unreadable(Exception):
    """A body that is no JSON; the text says why."""


def parsed(body: bytes) -> Any:
    """The JSON value of a body. Raises Unreadable."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except json.JSONDecodeError as problem:
        raise Unreadable(f"{problem.msg} at line {problem.lineno} column {problem.colno}") from None
    except UnicodeDecodeError as problem:
        raise Unreadable(f"invalid unicode code point at byte {problem.start}") from None
    except RecursionError:
        raise Unreadable("recursion limit exceeded") from None
    except ValueError as problem:  # a number of thousands of digits, NaN
        raise Unreadable(str(problem)) from None


class Members:
    """The members of a JSON object, with the body in which they stand."""

    def __init__(self, content: Mapping[str, Any], body: bytes, path: str = "") -> None:
        self.content = content
        self._body = body
        self._path = path

    def required(self, name: str, kind: Kind) -> Any:
        """A member that has to be there. Raises ContainerError."""
        if name not in self.content:
            raise errors.body_not_deserialized(f"missing field `{name}` {_position(self._body.rstrip())}")
        return self._checked(name, kind)

    def optional(self, name: str, kind: Kind, default: Any = None, *, nullable: bool = True) -> Any:
        """A member, or a default where there is none. Raises ContainerError."""
        if name not in self.content or (nullable and self.content[name] is None):
            return default
        return self._checked(name, kind)

    def _checked(self, name: str, kind: Kind) -> Any:
        value = self.content[name]
        expected, fits = kind
        if fits(value):
            return value
        wrong = "value" if _whole(value) and expected[0] in "ui" and expected != "a string" else "type"
        path = f"{self._path}.{name}" if self._path else name
        raise errors.body_not_deserialized(
            f"{path}: invalid {wrong}: {_rendered(value)}, expected {expected} {_position(self._up_to(name))}"
        )

    def _up_to(self, name: str) -> bytes:
        """The body up to the end of a member's value; whole where the name stands in other places before."""
        text = self._body.decode("utf-8")
        found = re.search(rf'"{re.escape(name)}"\s*:\s*', text)
        if found is None:
            return self._body
        try:
            _, end = json.JSONDecoder().raw_decode(text, found.end())
        except ValueError:
            return self._body
        return text[:end].encode()


def _position(body: bytes) -> str:
    """Where a body ends, as serde counts."""
    line = body.count(b"\n") + 1
    column = len(body) - body.rfind(b"\n") - 1
    return f"at line {line} column {column}"


def _rendered(value: Any) -> str:
    if isinstance(value, str):
        return f"string {json.dumps(value[:100], ensure_ascii=False)}"
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, int):
        return f"integer `{value}`" if abs(value) < _U64 else "a larger number"
    if isinstance(value, float):
        return f"floating point `{value}`"
    return "null" if value is None else "sequence" if isinstance(value, list) else "map"


def _refuse(constant: str) -> None:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise Unreadable(f"expected value, not {constant}")
