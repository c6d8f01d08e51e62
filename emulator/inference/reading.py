"""JSON members of a request, each of its type, refused in the words of the containers' own parsers."""

import json
import re
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from emulator import errors
from emulator.inference.json_text import position

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
    lambda value: (_whole(value) or isinstance(value, float)) and abs(value) <= sys.float_info.max,
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

_NAME = re.compile(r'\s*+,?\s*+(?P<name>"(?:[^"\\]|\\.)*+")\s*+(?P<colon>:)\s*+', re.ASCII)
"""A member's name up to its value, in what is known to be JSON."""
_DECODER = json.JSONDecoder()
_OPENING = re.compile(r"\[\s*")
_COMMA = re.compile(r"\s*,\s*")


class Members:
    """The members of a JSON object, with the body in which they stand."""

    def __init__(self, content: Mapping[str, Any], body: bytes, path: str = "") -> None:
        self.content = content
        self._body = body
        self._path = path

    def required(self, name: str, kind: Kind) -> Any:
        """A member that has to be there. Raises ContainerError."""
        if name not in self.content:
            raise errors.body_not_deserialized(f"missing field `{name}` {position(self._body.rstrip())}")
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
        path = f"{self._path}.{name}" if self._path else name
        if kind is STRINGS and isinstance(value, list):
            index = next(index for index, one in enumerate(value) if not isinstance(one, str))
            raise _misfit(f"{path}[{index}]", value[index], STRING[0], self._up_to(name, index))
        raise _misfit(path, value, expected, self._up_to(name))

    def _up_to(self, name: str, element: int | None = None) -> bytes:
        """The body up to the end of a member's value, or of an element of it; whole where it is not found."""
        text = self._body.decode("utf-8")
        found = re.search(rf'"{re.escape(name)}"\s*:\s*', text)
        if found is None:
            return self._body
        try:
            end = _end_of_value(text, found.end(), element)
        except ValueError:
            return self._body
        return text[:end].encode()


def refuse_repeated(body: bytes, fields: Mapping[str, Collection[str]]) -> None:
    """No field stands twice in a JSON object, nor in those that are its members; others may. Raises ContainerError.

    `fields` are those of the object, named "", and of members that are objects of their own.
    """
    text = body.decode("utf-8")
    _refuse_repeated(text, text.index("{"), "", fields)


def _refuse_repeated(text: str, begin: int, path: str, fields: Mapping[str, Collection[str]]) -> None:
    seen = set()
    place = begin + 1
    while named := _NAME.match(text, place):
        name = json.loads(named["name"]) if "\\" in named["name"] else named["name"][1:-1]
        if name in seen:  # serde has looked for the end of the object behind the name, and so has skipped spaces
            up_to = text[: named.start("colon")].encode()
            within = f"{path}: " if path else ""
            raise errors.body_not_deserialized(f"{within}duplicate field `{name}` {position(up_to)}")
        if name in fields[path]:
            seen.add(name)
        if not path and name in fields and text[named.end()] == "{":
            _refuse_repeated(text, named.end(), name, fields)
        place = _DECODER.raw_decode(text, named.end())[1]


def _end_of_value(text: str, begin: int, element: int | None) -> int:
    """Where a JSON value ends in a text, or one of its elements. Raises ValueError."""
    decoder = json.JSONDecoder()
    if element is None:
        return decoder.raw_decode(text, begin)[1]
    for gap in (_OPENING, *[_COMMA] * element):
        between = gap.match(text, begin)
        begin = decoder.raw_decode(text, between.end() if between else begin)[1]
    return begin


def _misfit(path: str, value: Any, expected: str, body: bytes) -> errors.ContainerError:
    wrong = "value" if _whole(value) and expected in {COUNT[0], INTEGER[0], LARGE[0], SIZE[0]} else "type"
    return errors.body_not_deserialized(
        f"{path}: invalid {wrong}: {_rendered(value)}, expected {expected} {position(body)}"
    )


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
