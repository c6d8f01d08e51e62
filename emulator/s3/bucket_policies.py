"""Whether a text is a policy that S3 would keep for a bucket: moto asks it for whatever is done with the bucket."""

import json
from typing import Any

from emulator import errors

_EFFECTS = frozenset({"Allow", "Deny"})
_EACH_OR_NOT = ("Principal", "Action", "Resource")


def check_policy(body: bytes) -> None:
    """Raises MalformedPolicy."""
    try:
        policy = json.loads(body)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict):
        raise errors.s3.malformed_policy("Policies must be valid JSON and the first byte must be '{'")
    statements = policy.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise errors.s3.malformed_policy("Missing required field Statement")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise errors.s3.malformed_policy("Missing required field Effect")
    if statement.get("Effect") not in tuple(_EFFECTS):
        raise errors.s3.malformed_policy(f"Invalid effect: {statement.get('Effect')}")
    for field in _EACH_OR_NOT:
        named = [name for name in (field, f"Not{field}") if name in statement]
        if len(named) != 1:
            raise errors.s3.malformed_policy(f"Missing required field {field}")
        if not (_is_principal if field == "Principal" else _is_texts)(statement[named[0]]):
            raise errors.s3.malformed_policy(f"Policy has invalid {field.lower()}")
    if not _is_condition(statement.get("Condition", {})):
        raise errors.s3.malformed_policy("Conditions do not have the form that policies give them")


def _is_texts(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(part, str) for part in value)
    )


def _is_principal(value: object) -> bool:
    return value == "*" or (isinstance(value, dict) and bool(value) and all(map(_is_texts, value.values())))


def _is_condition(value: object) -> bool:
    """Operators, each with keys, each with one value or several."""
    return isinstance(value, dict) and all(
        isinstance(keys, dict) and all(_is_values(values) for values in keys.values()) for keys in value.values()
    )


def _is_values(value: object) -> bool:
    plain = (str, bool, int, float)
    return isinstance(value, plain) or (isinstance(value, list) and all(isinstance(part, plain) for part in value))
