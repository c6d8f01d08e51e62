"""JSON Schema keywords as AWS's framework judges them; built on jsonschema.

Each error's path holds AWS's own segments (`dataSource`, `1.member`), and members come in the model's order.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import create

from emulator.validation import patterns
from emulator.validation.schemas import invocation_schema, request_schema

Schema = Mapping[str, Any]
Errors = Iterator[ValidationError]

_BEYOND = 1_000
"""Elements that are looked at beyond as many as may be: hundreds of thousands would take tens of seconds."""


@cache
def validator_for(operation: str) -> Any:
    """The validator of an operation's request. Takes what json_types has read: types and unions are not looked at."""
    return _AwsValidator(request_schema(operation))


@cache
def invocation_validator(operation: str) -> Any:
    """The validator of an invocation's path and headers."""
    return _AwsValidator(invocation_schema(operation))


def _properties(validator: Any, members: Schema, value: Mapping[str, Any], schema: Schema) -> Errors:
    required = schema.get("required", ())
    for name, member in members.items():
        if name in value:
            yield from validator.descend(value[name], member, path=_lower_first(name))
        elif name in required:
            yield ValidationError("null", validator="required", instance=None, schema=member, path=[_lower_first(name)])


def _items(validator: Any, element: Schema, value: Sequence[Any], schema: Schema) -> Errors:
    numbered = ((f"{index}.member", part) for index, part in enumerate(value, 1))
    yield from _elements(validator, element, islice(numbered, _looked_at(schema.get("maxItems"))))


def _additional_properties(validator: Any, entry: Schema, value: Mapping[str, Any], schema: Schema) -> Errors:
    keyed = ((f"{key}.member", part) for key, part in value.items())
    yield from _elements(validator, entry, islice(keyed, _looked_at(schema.get("maxProperties"))))


def _looked_at(most: int | None) -> int | None:
    """How many elements of a list or map that may have so many; one that has far more is refused for that."""
    return None if most is None else most + _BEYOND


def _elements(validator: Any, schema: Schema, parts: Iterator[tuple[str, Any]]) -> Errors:
    """What breaks the constraints of elements themselves is told once, of the whole list or map."""
    told = False
    for segment, part in parts:
        for error in validator.descend(part, schema, path=segment):
            if len(error.path) > 1 or error.validator in _OF_COLLECTIONS:
                yield error
            elif not told:
                told = True
                yield ValidationError("element")


_OF_COLLECTIONS = {"items", "propertyNames", "additionalProperties"}


def _property_names(validator: Any, key: Schema, value: Mapping[str, Any], schema: Schema) -> Errors:
    names = islice(value, _looked_at(schema.get("maxProperties")))
    if any(True for name in names for _error in validator.descend(name, key)):
        yield ValidationError("key")


def _pattern(_: Any, pattern: str, value: str, __: Schema) -> Errors:
    if not patterns.matches(pattern, value):
        yield ValidationError("pattern")


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]


_LIMITS = (
    "maxLength",
    "minLength",
    "enum",
    "maxItems",
    "minItems",
    "maxProperties",
    "minProperties",
    "maximum",
    "minimum",
)

_AwsValidator = create(
    meta_schema=Draft202012Validator.META_SCHEMA,
    validators={limit: Draft202012Validator.VALIDATORS[limit] for limit in _LIMITS}
    | {
        "properties": _properties,
        "items": _items,
        "additionalProperties": _additional_properties,
        "propertyNames": _property_names,
        "pattern": _pattern,
    },
)
