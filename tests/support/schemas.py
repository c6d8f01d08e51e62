"""Checks what the emulator answers against the schemas; for tests only."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from emulator.bundled import SCHEMAS
from emulator.validation import patterns


def check_response(operation: str, response: dict[str, Any] | None) -> None:
    """Fails with every deviation of a response from its schema: unknown and null members too.

    `response` is the decoded body as sent, timestamps as numbers; None is an empty body.
    """
    found = [f"{error.json_path}: {error.message}" for error in _validator(operation).iter_errors(response or {})]
    assert not found, f"{operation} answered against its schema:\n" + "\n".join(found)


@cache
def registry() -> Registry[Any]:
    """All schema documents, each under its path below schemas/."""
    paths = [path for path in SCHEMAS.rglob("*.json") if path.name != "overlay.json"]
    resources = ((path.relative_to(SCHEMAS).as_posix(), _document(path)) for path in paths)
    return Registry().with_resources((name, DRAFT202012.create_resource(one)) for name, one in resources)


def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    document.pop("$schema")  # jsonschema would take the dialect's validator there instead of the strict one
    return document


@cache
def _validator(operation: str) -> Any:
    return _Strict({"$ref": f"responses/{operation}.json"}, registry=registry())


def _properties(validator: Any, members: dict[str, Any], value: Any, _: Any) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    for name, part in value.items():
        if name in members:
            yield from validator.descend(part, members[name], path=name, schema_path=name)
        else:
            yield ValidationError(f"{name} is not a member")


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not patterns.matches(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern}")


_Strict = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"properties": _properties, "pattern": _pattern}
)
