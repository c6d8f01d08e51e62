"""The JSON Schemas of the requests, read from disk and made whole."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from emulator.bundled import SCHEMAS

Schema = Mapping[str, Any]


@cache
def request_schema(operation: str) -> Schema:
    """The schema of an operation's request, each reference replaced by what it refers to.

    A schema without references is walked several times faster, and no shape of these operations contains itself.
    Raises FileNotFoundError for an operation without schemas.
    """
    name = f"requests/{operation}.json"
    schema: Schema = _whole(name, _document(name))
    return schema


@cache
def invocation_schema(operation: str) -> Schema:
    """The schema of what an invocation has in its path and headers, each with its name there as `header`."""
    schema: Schema = _document(f"runtime/{operation}.json")
    return schema


@cache
def _document(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def _whole(name: str, node: Any) -> Any:
    if isinstance(node, list):
        return [_whole(name, part) for part in node]
    if not isinstance(node, dict):
        return node
    parts = {key: _whole(name, part) for key, part in node.items() if key != "$ref"}
    return {**_definition(name, node["$ref"]), **parts} if "$ref" in node else parts


@cache
def _definition(name: str, reference: str) -> dict[str, Any]:
    file, _, pointer = reference.partition("#/")
    target = (PurePosixPath(name).parent / file).name if file else name
    node = _document(target)
    for key in pointer.split("/"):
        node = node[key]
    whole: dict[str, Any] = _whole(target, node)
    return whole
