"""Hostile and arbitrary values: each is answered, in bounded time, in AWS's form."""

import json
import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.errors import ApiError
from emulator.validation.constraints import check
from emulator.validation.schemas import request_schema
from tests.support.full_request import FULL, ROLE, changed, refused, violations


def test_deep_nesting_is_no_recursion_error() -> None:
    """A value far deeper than any shape is judged at its first level, or dropped."""
    deep: Any = {}
    for _ in range(100_000):
        deep = {"TextGenerationJobConfig": deep}
    assert refused(changed("AutoMLProblemTypeConfig", {"TabularJobConfig": [deep]})).code == "SerializationException"
    assert check("CreateAutoMLJobV2", changed("Extra", deep)) == FULL


def test_a_hostile_value_is_judged_in_bounded_time() -> None:
    """A long value for which a pattern takes quadratic time costs no more than moments."""
    hostile = [{"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{'a' * 100_000}/b\nc"}}}]
    started = time.process_time()
    assert violations(changed("AutoMLJobInputDataConfig", hostile * 50))
    assert time.process_time() - started < 5


def _near(schema: Any) -> st.SearchStrategy[Any]:
    """Values of a schema's shape, now and then something else."""
    shape: st.SearchStrategy[Any]
    if "properties" in schema:
        shape = st.fixed_dictionaries({}, optional={name: _near(part) for name, part in schema["properties"].items()})
    elif schema["type"] == "object":
        shape = st.dictionaries(ANY_TEXT, _near(schema["additionalProperties"]), max_size=3)
    elif schema["type"] == "array":
        shape = st.lists(_near(schema["items"]), max_size=3)
    else:
        shape = st.sampled_from(schema.get("enum", ["", "a", "s3://b/k", ROLE])) | SCALARS
    return st.integers(0, 19).flatmap(lambda dice: shape if dice else ANY_JSON)


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | ANY_TEXT
ANY_JSON = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(ANY_TEXT, part), max_leaves=8)
CALLS = st.sampled_from(["CreateAutoMLJobV2", "CreateAutoMLJob", "ListAutoMLJobs", "AddTags"]).flatmap(
    lambda operation: st.tuples(st.just(operation), _near(request_schema(operation)) | ANY_JSON)
)


@settings(max_examples=300, deadline=None)
@given(CALLS)
def test_any_json_value_is_answered(call: tuple[str, object]) -> None:
    """Whatever the body is, it is either taken, and then taken again unchanged, or refused in AWS's form."""
    operation, request = call
    error = _error(operation, request)
    if error is None:
        checked = check(operation, request)
        assert check(operation, checked) == checked
        assert json.dumps(checked, allow_nan=False)
    else:
        assert error.code in {"SerializationException", "ValidationException"}
        assert error.status == 400
        assert error.message is None or error.message.encode()


def _error(operation: str, request: object) -> ApiError | None:
    try:
        check(operation, request)
    except ApiError as error:
        return error
    return None
