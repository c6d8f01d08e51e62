"""Writes the schemas anew from the service model of the installed botocore and from overlay.json.

Run from anywhere: python schemas/refresh.py
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore  # type: ignore[import-untyped]
from botocore.loaders import Loader  # type: ignore[import-untyped]

FOLDER = Path(__file__).parent
API_VERSION = "2017-07-24"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPERATIONS = (
    "CreateAutoMLJobV2",
    "DescribeAutoMLJobV2",
    "ListAutoMLJobs",
    "ListCandidatesForAutoMLJob",
    "StopAutoMLJob",
    "CreateAutoMLJob",
    "DescribeAutoMLJob",
    "AddTags",
    "ListTags",
    "DeleteTags",
    "CreateModel",
    "DescribeModel",
    "ListModels",
    "DeleteModel",
    "CreateEndpointConfig",
    "DescribeEndpointConfig",
    "ListEndpointConfigs",
    "DeleteEndpointConfig",
    "CreateEndpoint",
    "DescribeEndpoint",
    "ListEndpoints",
    "UpdateEndpoint",
    "UpdateEndpointWeightsAndCapacities",
    "DeleteEndpoint",
    "DescribeTrainingJob",
    "ListTrainingJobs",
)

RUNTIME_API_VERSION = "2017-05-13"
RUNTIME_OPERATIONS = ("InvokeEndpoint", "InvokeEndpointWithResponseStream", "InvokeEndpointAsync")

Schema = dict[str, Any]
Model = Mapping[str, Any]

_SCALARS: dict[str, Schema] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "timestamp": {"type": "number", "format": "epoch-seconds"},
}
_LIMITS = {  # AWS prints the upper limit before the lower one; the order here is the order of the words
    "string": {"max": "maxLength", "min": "minLength", "pattern": "pattern", "enum": "enum"},
    "list": {"max": "maxItems", "min": "minItems"},
    "map": {"max": "maxProperties", "min": "minProperties"},
    "number": {"max": "maximum", "min": "minimum"},
}


def service_model() -> Model:
    """SageMaker's service model, as the installed botocore has it."""
    model: Model = Loader().load_service_model("sagemaker", "service-2", API_VERSION)
    return model


def runtime_model() -> Model:
    """The runtime's service model, as the installed botocore has it."""
    model: Model = Loader().load_service_model("sagemaker-runtime", "service-2", RUNTIME_API_VERSION)
    return model


def overlay() -> list[dict[str, Any]]:
    """What AWS documents beside the model: each fact a shape, a member, what to set, and its source."""
    facts: list[dict[str, Any]] = json.loads((FOLDER / "overlay.json").read_text(encoding="utf-8"))
    return facts


def generate(model: Model, facts: list[dict[str, Any]]) -> dict[str, Schema]:
    """Every schema document by its path below this folder."""
    roots = {name for operation in OPERATIONS for name in _roots(model["operations"][operation])}
    shared = sorted({name for root in roots for name in _reachable(model["shapes"], root)} - roots)
    definitions = {name: _shape(model["shapes"], name, "#/$defs/", facts) for name in shared}
    documents: dict[str, Schema] = {"shapes.json": {"$schema": DIALECT, "$defs": definitions}}
    for operation in OPERATIONS:
        for folder, side in (("requests", "input"), ("responses", "output")):
            shape = model["operations"][operation].get(side)
            documents[f"{folder}/{operation}.json"] = {"$schema": DIALECT} | (
                _shape(model["shapes"], shape["shape"], "../shapes.json#/$defs/", facts) if shape else _nothing()
            )
    return documents


def generate_runtime(model: Model) -> dict[str, Schema]:
    """The schema document of each invocation by its path below this folder: what is in its path and its headers."""
    documents: dict[str, Schema] = {}
    for operation in RUNTIME_OPERATIONS:
        name = model["operations"][operation]["input"]["shape"]
        placed = {member: target for member, target in model["shapes"][name]["members"].items() if "location" in target}
        members = {
            member: {"header": target["locationName"]} | _shape(model["shapes"], target["shape"], "", [])
            for member, target in placed.items()
        }
        documents[f"runtime/{operation}.json"] = {
            "$schema": DIALECT,
            "title": name,
            "type": "object",
            "properties": members,
        }
    return documents


def text(document: Schema) -> str:
    """Text of a document as it lies on disk."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _roots(operation: Model) -> list[str]:
    return [operation[side]["shape"] for side in ("input", "output") if side in operation]


def _nothing() -> Schema:
    return {"$comment": "The operation has no output: AWS answers with an empty body.", "maxProperties": 0}


def _reachable(shapes: Model, root: str) -> set[str]:
    found: set[str] = set()
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _referred(shapes[name])
    return found


def _referred(shape: Model) -> Iterator[str]:
    parts = [shape[part] for part in ("member", "key", "value") if part in shape]
    return (part["shape"] for part in [*shape.get("members", {}).values(), *parts])


def _shape(shapes: Model, name: str, base: str, facts: list[dict[str, Any]]) -> Schema:
    shape = shapes[name]
    kind = shape["type"]
    if kind == "structure":
        schema = _structure(name, shape, base)
        _lay_over(schema, [fact for fact in facts if fact["shape"] == name])
    elif kind == "list":
        schema = {"type": "array", **_limits(shape, "list"), "items": _ref(shape["member"], base)}
    elif kind == "map":
        entries = {"propertyNames": _ref(shape["key"], base), "additionalProperties": _ref(shape["value"], base)}
        schema = {"type": "object", **_limits(shape, "map"), **entries}
    else:
        schema = _SCALARS[kind] | _limits(shape, "string" if kind == "string" else "number")
    return schema | ({"sensitive": True} if shape.get("sensitive") else {})


def _structure(name: str, shape: Model, base: str) -> Schema:
    schema: Schema = {"title": name, "type": "object"}
    if "required" in shape:
        schema["required"] = list(shape["required"])
    if shape.get("union"):
        schema["oneOf"] = [{"required": [member]} for member in shape["members"]]
    schema["properties"] = {member: _ref(target, base) for member, target in shape["members"].items()}
    return schema


def _limits(shape: Model, kind: str) -> Schema:
    return {keyword: shape[limit] for limit, keyword in _LIMITS[kind].items() if limit in shape}


def _ref(target: Model, base: str) -> Schema:
    return {"$ref": base + target["shape"]}


def _lay_over(schema: Schema, facts: list[dict[str, Any]]) -> None:
    for fact in facts:
        schema["properties"][fact["member"]] |= fact["set"] | {"$comment": fact["source"]}


def main() -> int:
    """Write every document; remove what is no longer generated."""
    documents = generate(service_model(), overlay()) | generate_runtime(runtime_model())
    for path in [file for folder in ("requests", "responses", "runtime") for file in FOLDER.glob(f"{folder}/*.json")]:
        if path.relative_to(FOLDER).as_posix() not in documents:
            path.unlink()
    for name, document in documents.items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(document), encoding="utf-8")
    sys.stdout.write(f"{len(documents)} schemas written from botocore {botocore.__version__}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
