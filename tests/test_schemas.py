"""The schemas are valid, whole, and what the installed service model says."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from emulator.bundled import SCHEMAS
from tests.support.schemas import check_response, registry

FILES = sorted(path for path in SCHEMAS.rglob("*.json") if path.name != "overlay.json")
JOB_ARN = "arn:aws:sagemaker:us-east-1:123456789012:automl-job/job"


@pytest.fixture(name="refresh", scope="module")
def _refresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refresh", SCHEMAS / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(model: Any, disk: Any, where: str) -> Iterator[str]:
    """Each place at which a generated document and the one on disk differ."""
    if isinstance(model, dict) and isinstance(disk, dict):
        for key in model | disk:
            yield from differences(model.get(key, "nothing"), disk.get(key, "nothing"), f"{where}/{key}")
        if model.keys() == disk.keys() and list(model) != list(disk):
            yield f"{where}: the order in the model is {list(model)}, on disk {list(disk)}"
    elif model != disk:
        yield f"{where}: the model has {json.dumps(model)}, the disk {json.dumps(disk)}"


def test_the_schemas_are_those_of_the_installed_model(refresh: ModuleType) -> None:
    """What lies on disk is what refresh.py writes from the installed botocore and the overlay."""
    generated = refresh.generate(refresh.service_model(), refresh.overlay())
    generated |= refresh.generate_runtime(refresh.runtime_model())
    on_disk = {path.relative_to(SCHEMAS).as_posix(): json.loads(path.read_text(encoding="utf-8")) for path in FILES}
    found = [line for name in generated | on_disk for line in differences(generated.get(name), on_disk.get(name), name)]
    assert not found, (
        f"The schemas differ from botocore {botocore.__version__}; python schemas/refresh.py writes them anew:\n"
        + "\n".join(found)
    )


def test_a_difference_is_named() -> None:
    """Drift is told by place, with both values."""
    model = {"a": {"maxLength": 32}, "b": 1}
    disk = {"a": {"maxLength": 63}, "c": 1}
    assert set(differences(model, disk, "shapes.json")) == {
        "shapes.json/a/maxLength: the model has 32, the disk 63",
        'shapes.json/b: the model has 1, the disk "nothing"',
        'shapes.json/c: the model has "nothing", the disk 1',
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SCHEMAS).as_posix())
def test_a_file_is_a_valid_schema(path: Path) -> None:
    """Every file is JSON Schema 2020-12, and every reference in it leads somewhere."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema, format_checker=FormatChecker([]))  # Python's re knows no \p{L}
    resolver = registry().resolver(base_uri=path.relative_to(SCHEMAS).as_posix())
    for reference in _references(schema):
        resolver.lookup(reference)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for part in node.values():
            yield from _references(part)
    elif isinstance(node, list):
        for part in node:
            yield from _references(part)


def test_every_operation_has_both_schemas(refresh: ModuleType) -> None:
    """No operation lacks its request or its response."""
    for folder in ("requests", "responses"):
        assert {path.stem for path in (SCHEMAS / folder).glob("*.json")} == set(refresh.OPERATIONS)


def test_every_overlay_fact_bears_its_source(refresh: ModuleType) -> None:
    """What is not in the service model says where it is from, and no fact repeats the model."""
    for fact in refresh.overlay():
        assert set(fact) == {"shape", "member", "set", "source"}
        assert fact["source"]


def test_a_response_in_order_passes() -> None:
    """A full answer and an empty body pass."""
    check_response("CreateAutoMLJobV2", {"AutoMLJobArn": JOB_ARN})
    check_response("StopAutoMLJob", None)


@pytest.mark.parametrize(
    ("response", "complaint"),
    [
        ({}, "'AutoMLJobArn' is a required property"),
        ({"AutoMLJobArn": JOB_ARN, "Extra": 1}, "Extra is not a member"),
        ({"AutoMLJobArn": None}, "None is not of type 'string'"),
        ({"AutoMLJobArn": f"x {JOB_ARN}"}, "does not match"),
    ],
)
def test_a_response_out_of_order_is_found(response: dict[str, Any], complaint: str) -> None:
    """A missing, unknown, null or malformed member of a response fails the test that sent it."""
    with pytest.raises(AssertionError, match=complaint):
        check_response("CreateAutoMLJobV2", response)
