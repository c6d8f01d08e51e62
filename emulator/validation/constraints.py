"""The check of one request against its schema: JSON types first, then every constraint of the service model."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from emulator import errors
from emulator.validation import java
from emulator.validation.json_types import read_request
from emulator.validation.schemas import invocation_schema, request_schema


def check(operation: str, request: object) -> dict[str, Any]:
    """The request as the service reads it: without nulls, without unknown members.

    `request` is any JSON value. Raises SerializationException for the first wrong JSON type, else ValidationException
    with all broken constraints, at most ten.
    """
    cleaned = read_request(request_schema(operation), request)
    # jsonschema takes a tenth of a second to import, and the server is to be up before that.
    from emulator.validation.keywords import validator_for

    violations = _violations(validator_for(operation), cleaned)
    if violations:
        raise errors.validation_failed(violations)
    return cleaned


def check_invocation(operation: str, endpoint: str, header: Callable[[str], str | None]) -> None:
    """The path and headers of an invocation, by their names. Raises the runtime's ValidationError."""
    from emulator.validation.keywords import invocation_validator

    members = {
        member: endpoint if member == "EndpointName" else header(schema["header"])
        for member, schema in invocation_schema(operation)["properties"].items()
    }
    given = {member: value for member, value in members.items() if value is not None}
    violations = _violations(invocation_validator(operation), given)
    if violations:
        raise errors.invocation_constraints(violations)


def _violations(validator: Any, request: Mapping[str, Any]) -> list[errors.Violation]:
    return list(islice(_found(validator, request), errors.MOST_VIOLATIONS))


def _found(validator: Any, request: Mapping[str, Any]) -> Iterator[errors.Violation]:
    for error in validator.iter_errors(request):
        phrase = _phrase(error.validator, error.validator_value)
        yield errors.Violation(".".join(map(str, error.absolute_path)), _value(error.instance, error.schema), phrase)


def _value(value: object, schema: Mapping[str, Any]) -> str | None:
    if value is None:
        return "null"
    return None if _sensitive(schema) else f"'{java.text(value, schema)}'"


def _sensitive(schema: Mapping[str, Any]) -> bool:
    parts = (schema[part] for part in ("items", "propertyNames", "additionalProperties") if part in schema)
    return schema.get("sensitive", False) or any(map(_sensitive, parts))


def _phrase(keyword: str, limit: Any) -> str:
    words = errors.CONSTRAINT_PHRASES[keyword]
    if keyword == "enum":
        return words.format(java.enum_set(limit))
    if isinstance(limit, Mapping):
        inner = (_phrase(part, limit[part]) for part in limit if part in _OF_ELEMENTS)
        return words.format(", ".join(inner))
    return words.format(limit)


_OF_ELEMENTS = frozenset(errors.CONSTRAINT_PHRASES) - {"required", "items", "propertyNames", "additionalProperties"}
"""The keywords that a list or map repeats of its elements."""
