"""Hypothesis strategies for requests: from the schemas, by mutation of valid ones, and below JSON."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from emulator.validation.schemas import request_schema
from tests.support.hosting import config, model, variant
from tests.support.requests import BUCKET, ROLE, channel, text_generation

JOB_ARN = "arn:aws:sagemaker:us-east-1:123456789012:automl-job/fuzz"
TABULAR = {"TabularJobConfig": {"TargetAttributeName": "output"}}
_NAME = {"AutoMLJobName": "fuzz"}
_ENDPOINT = {"EndpointName": "fuzz", "EndpointConfigName": "fuzz"}
_FULL = text_generation(
    "fuzz",
    channel("input/facts.csv"),
    CompletionCriteria={"MaxCandidates": 1, "MaxAutoMLJobRuntimeInSeconds": 600},
    TextGenerationHyperParameters={"epochCount": "1", "learningRate": "0.001"},
    ModelAccessConfig={"AcceptEula": True},
)
VALID: dict[str, dict[str, Any]] = {
    "AddTags": {"ResourceArn": JOB_ARN, "Tags": [{"Key": "k", "Value": "v"}]},
    "CreateAutoMLJob": {
        "AutoMLJobName": "fuzz",
        "InputDataConfig": [channel("input/facts.csv") | {"TargetAttributeName": "y"}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "RoleArn": ROLE,
    },
    "CreateAutoMLJobV2": _FULL
    | {
        "Tags": [{"Key": "k", "Value": "v"}],
        "SecurityConfig": {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}},
        "DataSplitConfig": {"ValidationFraction": 0.2},
        "ModelDeployConfig": {"AutoGenerateEndpointName": True},
    },
    "DeleteTags": {"ResourceArn": JOB_ARN, "TagKeys": ["k"]},
    "DescribeAutoMLJob": _NAME,
    "DescribeAutoMLJobV2": _NAME,
    "ListAutoMLJobs": {"MaxResults": 5, "SortBy": "Name", "CreationTimeAfter": 0, "NameContains": "f"},
    "ListCandidatesForAutoMLJob": _NAME | {"SortBy": "Status", "MaxResults": 1},
    "ListTags": {"ResourceArn": JOB_ARN, "MaxResults": 50},
    "StopAutoMLJob": _NAME,
    "CreateModel": model("fuzz") | {"EnableNetworkIsolation": False},
    "DescribeModel": {"ModelName": "fuzz"},
    "ListModels": {"MaxResults": 5, "SortBy": "Name", "CreationTimeAfter": 0, "NameContains": "f"},
    "DeleteModel": {"ModelName": "fuzz"},
    "CreateEndpointConfig": config("fuzz", variant("fuzz", InitialVariantWeight=1.0)),
    "DescribeEndpointConfig": {"EndpointConfigName": "fuzz"},
    "ListEndpointConfigs": {"MaxResults": 5, "SortBy": "Name"},
    "DeleteEndpointConfig": {"EndpointConfigName": "fuzz"},
    "CreateEndpoint": _ENDPOINT | {"Tags": [{"Key": "k", "Value": "v"}]},
    "DescribeEndpoint": {"EndpointName": "fuzz"},
    "ListEndpoints": {"MaxResults": 5, "SortBy": "Status", "StatusEquals": "InService"},
    "UpdateEndpoint": _ENDPOINT
    | {
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
    },
    "UpdateEndpointWeightsAndCapacities": {
        "EndpointName": "fuzz",
        "DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredWeight": 2, "DesiredInstanceCount": 1}],
    },
    "DeleteEndpoint": {"EndpointName": "fuzz"},
    "DescribeTrainingJob": {"TrainingJobName": "fuzz"},
    "ListTrainingJobs": {"MaxResults": 5, "SortBy": "Status", "StatusEquals": "Completed", "NameContains": "f"},
}
"""A valid request for each operation."""

_NUMBERS = (0, -1, 1, 101, 2**31, -(2**63), 10**400, 0.5, -0.0, 1e308, 5e-324, 1.5e10)
_TEXTS = (
    "", " ", "a", "A-", "-", "x" * 33, "x" * 5000, "\x00", "\n", "é", "\u2028", "😀", "\ud800", "null", "1e-06", "1_0",
    "s3://", "s3:///k", "https://x", "arn:", JOB_ARN, JOB_ARN.upper(), ROLE, "Gzip", "S3Prefix", "training", "W10=",
    "eyJhIjoxfQ==", "%s{}%n", "' OR 1=1 --", "../../etc", "autoMLJobName", "text/csv;header=present",
)  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from(_NUMBERS)
    | st.sampled_from(_TEXTS)
    | st.text(max_size=40)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=4,
)
"""Any JSON value, those that break things more often than others."""

operations = st.sampled_from([*sorted(VALID), *["CreateAutoMLJobV2"] * 6])


Path = tuple[str | int, ...]


def paths(value: Any, prefix: Path = ()) -> Iterator[Path]:
    """Every path in a request."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*prefix, key)
        yield from paths(part, (*prefix, key))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An operation and a valid request with one to three changes: another value, a part less, a part many times."""
    operation = draw(operations)
    request = copy.deepcopy(VALID[operation])
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from([*paths(request), ("Extra",)]))
        node: Any = request
        for step in parents:
            node = node[step]
        change = draw(st.sampled_from(("like", "like", "like", "like", "value", "remove", "many")))
        if change == "remove" and last != "Extra":
            del node[last]
        elif change == "many":
            node[last] = [draw(values)] * draw(st.sampled_from((2, 51, 300)))
        else:
            node[last] = draw(
                _like(node.get(last) if isinstance(node, dict) else node[last]) if change == "like" else values
            )
    return operation, request


def _like(value: Any) -> st.SearchStrategy[Any]:
    """Values of the same JSON type."""
    if isinstance(value, str):
        return st.sampled_from(_TEXTS)
    if isinstance(value, (int, float)):
        return st.booleans() if isinstance(value, bool) else st.sampled_from(_NUMBERS)
    return st.sampled_from(([], value * 2) if isinstance(value, list) else ({}, value))


@st.composite
def generated(draw: st.DrawFn) -> tuple[str, Any]:
    """An operation and a request made from its schema: most members of the right type, some of any."""
    operation = draw(operations)
    return operation, draw(_requests(operation))


@cache
def _requests(operation: str) -> st.SearchStrategy[Any]:
    return _from_schema(request_schema(operation))


def _from_schema(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    right = _RIGHT[schema["type"]](schema)
    return st.integers(0, 60).flatmap(lambda chance: right if chance else values)


def _object(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "properties" not in schema:
        return st.dictionaries(
            _string(schema.get("propertyNames", {})), _from_schema(schema["additionalProperties"]), max_size=3
        )
    members = {name: _from_schema(member) for name, member in schema["properties"].items()}
    required = {name: members[name] for name in schema.get("required", ())}
    optional = {name: member for name, member in members.items() if name not in required}
    if "oneOf" in schema:
        return st.one_of(*(st.fixed_dictionaries({name: member}) for name, member in optional.items()))
    return st.fixed_dictionaries(required, optional=optional)


def _string(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    plain = st.sampled_from(("fuzz", "a-1", f"s3://{BUCKET}/input/facts.csv", ROLE, JOB_ARN, "text/csv", *_TEXTS[:18]))
    return st.sampled_from(schema["enum"]) if "enum" in schema else plain


def _number(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    low, high = schema.get("minimum", 0), schema.get("maximum", 1000)
    return st.sampled_from((low, high, (low + high) / 2, low - 1, high + 1, *_NUMBERS))


def _array(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    return st.lists(_from_schema(schema["items"]), max_size=3)


def _boolean(_: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    return st.booleans()


_RIGHT: dict[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
}


def as_json(request: Any) -> bytes:
    """The request as bytes; lone surrogates go out as escapes."""
    return json.dumps(request).encode()


@st.composite
def broken_bodies(draw: st.DrawFn) -> bytes:
    """Bytes that are no JSON, or JSON with a piece cut out, put in or repeated."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    body = as_json(VALID[draw(operations)])
    start, end = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
    piece = draw(
        st.binary(max_size=6) | st.sampled_from((b"NaN", b"1e999", b"null", b'"', b"{", b"[" * 2000, b"\\ud800"))
    )
    return body[:start] + piece + body[draw(st.sampled_from((start, end))) :]


header_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40)
targets = (
    st.sampled_from(
        [f"{prefix}{name}" for prefix in ("SageMaker.", "sagemaker.", "SageMaker_1.", "") for name in sorted(VALID)]
    )
    | st.sampled_from(
        ("SageMaker.", "SageMaker.ListTrials", "SageMaker.CreatePipeline", "DynamoDB_20120810.ListTables", ".")
    )
    | header_values
)
"""What may stand in X-Amz-Target."""

authorizations = header_values | st.builds(
    "AWS4-HMAC-SHA256 Credential={}/{}/{}/{}/aws4_request, SignedHeaders=host, Signature=0".format,
    st.sampled_from(("test", "", "a/b")),
    st.sampled_from(("20260101", "", "x")),
    st.sampled_from(("us-east-1", "", "x y")),
    st.sampled_from(("sagemaker", "SageMaker", "s3", "sts", "iam", "logs", "nosuch", "")),
)
"""What may stand in Authorization."""
