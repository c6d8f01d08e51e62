"""Values as AWS's Java service prints them in a message: text, and the order of sets and maps."""

import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

_ENUM_BUCKETS = 32
_MAP_BUCKETS = 16
_MAP_LOAD = 0.75
_PACKAGE = "com.amazonaws.sagemaker"


def text(value: object, schema: Schema) -> str:
    """A value as Java's toString gives it: `{k=v}`, `[a, b]`, `true`, `1.0E-4`.

    A structure prints as its class and an identity hash, as Kinesis and DynamoDB printed theirs; no SageMaker
    transcript shows one. The hash stands in for one that differs on every call.
    """
    if isinstance(value, list):
        return f"[{', '.join(text(part, schema['items']) for part in value)}]"
    if isinstance(value, dict):
        return _structure(value, schema) if "properties" in schema else _map(value, schema)
    if isinstance(value, bool):
        return str(value).lower()
    return _float(value) if isinstance(value, float) else str(value)


def enum_set(values: Iterable[str]) -> str:
    """The values of an enum in the order in which SageMaker prints them.

    That is the order of a hash table of 32 buckets over the declared values, each bucket last in first out. It
    reproduces five transcripts of SageMaker (3 to 66 values) and those of DynamoDB to the last value.
    """
    last_first = list(values)[::-1]
    return ", ".join(sorted(last_first, key=lambda value: string_hash(value) % _ENUM_BUCKETS))


def string_hash(value: str) -> int:
    """Java's String.hashCode as an unsigned 32-bit number."""
    units = value.encode("utf-16-be")
    result = 0
    for (unit,) in struct.iter_unpack(">H", units):
        result = (31 * result + unit) & 0xFFFFFFFF
    return result


def _map(value: Mapping[str, object], schema: Schema) -> str:
    entries = schema["additionalProperties"]
    return f"{{{', '.join(f'{key}={text(value[key], entries)}' for key in _hash_map_order(value))}}}"


def _hash_map_order(keys: Iterable[str]) -> list[str]:
    """The order of java.util.HashMap, which a transcript of eight hyperparameters shows."""
    listed = list(keys)
    buckets = _MAP_BUCKETS
    while len(listed) > _MAP_LOAD * buckets:
        buckets *= 2
    return sorted(listed, key=lambda key: (string_hash(key) ^ string_hash(key) >> 16) % buckets)


def _structure(value: Mapping[str, object], schema: Schema) -> str:
    return f"{_PACKAGE}.{schema['title']}@{zlib.crc32(repr(value).encode()):x}"


def _float(value: float) -> str:
    """Java's Double.toString."""
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, _, exponent = f"{value:e}".partition("e") if float(f"{value:e}") == value else _exact(value)
    mantissa = digits.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{int(exponent)}"


def _exact(value: float) -> tuple[str, str, str]:
    precision = next(places for places in range(6, 18) if float(f"{value:.{places}e}") == value)
    return f"{value:.{precision}e}".partition("e")
