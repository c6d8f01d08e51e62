"""The first stage of a check: JSON values become the types of the service model, or a SerializationException."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from emulator import errors
from emulator.validation import floats

Schema = Mapping[str, Any]

_INTEGER_BITS = {"int32": 32, "int64": 64}
_TARGETS = {
    "int32": "an Integer",
    "int64": "a Long",
    "float": "a Float",
    "double": "a Double",
    "epoch-seconds": "milliseconds since epoch",
}
_LAST_SECOND = (2**63 - 1) // 1000  # a timestamp is a Java long of milliseconds
# The words that the framework takes for a boolean: SES and Kinesis, as emulators of both recorded.
_TRUTHS = dict.fromkeys(("true", "yes", "y", "t", "1"), True) | dict.fromkeys(("false", "no", "n", "f", "0"), False)


def read_request(schema: Schema, body: object) -> dict[str, Any]:
    """The request reduced to what the service model knows: without nulls and without unknown members.

    Raises SerializationException for the first wrong type, in the order of the body.
    """
    if isinstance(body, list):
        raise errors.list_not_expected()
    if not isinstance(body, dict):
        raise errors.unreadable_body()
    return _structure(schema, body)


def _read(schema: Schema, value: object) -> Any:
    return _READERS[schema["type"]](schema, value)


def _object(schema: Schema, value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return _structure(schema, value) if "properties" in schema else _map(schema, value)
    if isinstance(value, list):
        raise errors.list_not_expected()
    raise errors.structure_expected() if "properties" in schema else errors.map_expected()


def _structure(schema: Schema, value: dict[str, object]) -> dict[str, Any]:
    members = schema["properties"]
    read = {name: _read(members[name], part) for name, part in value.items() if name in members and part is not None}
    if "oneOf" in schema and len(read) != 1:
        raise errors.union_not_exactly_one(schema["title"])
    return read


def _map(schema: Schema, value: dict[str, object]) -> dict[str, Any]:
    entries = schema["additionalProperties"]
    return {_text(key): _read(entries, part) for key, part in value.items() if part is not None}


def _list(schema: Schema, value: object) -> list[Any]:
    if isinstance(value, list):
        return [_read(schema["items"], part) for part in value if part is not None]
    raise errors.structure_not_expected() if isinstance(value, dict) else errors.list_expected()


def _string(_: Schema, value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    raise _wrong_scalar(value, "a String")


def _boolean(_: Schema, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value.lower() in _TRUTHS:
            return _TRUTHS[value.lower()]
        raise errors.not_convertible("STRING_VALUE", "an Boolean")  # sic, for strings only
    raise _wrong_scalar(value, "a Boolean")


def _integer(schema: Schema, value: object) -> int:
    """Truncates a fraction, as Athena does; a number beyond the type becomes the type's bound."""
    bound = 2 ** (_INTEGER_BITS[schema["format"]] - 1)
    number = _number(schema, value)
    return int(min(max(number, -bound), bound - 1))


def _float(schema: Schema, value: object) -> float | int:
    """A number beyond the type is refused: kept, it would be infinite, which JSON cannot tell again."""
    number = _number(schema, value)
    if schema["format"] == "epoch-seconds":
        return min(max(number, -_LAST_SECOND), _LAST_SECOND)
    held = _as_double(number)
    if held is not None and schema["format"] == "float":
        held = floats.shortest(held)
    if held is None:
        raise errors.not_convertible("NUMBER_VALUE", _TARGETS[schema["format"]])
    return held


def _as_double(number: float) -> float | None:
    try:
        double = float(number)
    except OverflowError:  # an integer
        return None
    return double if math.isfinite(double) else None


def _number(schema: Schema, value: object) -> float | int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value != value:  # noqa: PLR0124 - NaN, which is no JSON; math.isnan would choke on a huge integer
            raise errors.unreadable_body()
        return value
    raise _wrong_scalar(value, _TARGETS[schema["format"]])


def _text(value: str) -> str:
    """The string itself, unless it cannot be written as UTF-8 (a lone surrogate)."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise errors.unreadable_body() from None
    return value


def _wrong_scalar(value: object, target: str) -> errors.ApiError:
    if isinstance(value, list):
        return errors.list_not_expected()
    if isinstance(value, dict):
        return errors.structure_not_expected()
    if isinstance(value, bool):
        return errors.not_convertible("TRUE_VALUE" if value else "FALSE_VALUE", target)
    return errors.not_convertible("STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE", target)


_READERS: dict[str, Callable[[Schema, object], Any]] = {
    "object": _object,
    "array": _list,
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "number": _float,
}
