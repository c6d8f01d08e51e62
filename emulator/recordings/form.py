"""What the file of a recording has to hold: all that a replay will need, so that nothing is found missing later."""

import json
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from emulator.jobs.record import TERMINAL, TRANSITIONS, SecondaryStatus
from emulator.problem_types import CONFIG_NAMES, PROBLEM_TYPES, problem_type_name
from emulator.s3.layout import CandidateOutput

FORMAT = 1
MODEL = "model.tar.gz"
LONGEST_WALK = 10**9
LONGEST_COMPLAINT = 200

_WITH_CANDIDATE = frozenset({SecondaryStatus.COMPLETED, SecondaryStatus.MODEL_DEPLOYMENT_ERROR})
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_NUMBER = {"type": "number", "minimum": -sys.float_info.max, "maximum": sys.float_info.max}
_STEP = {
    "type": "array",
    "prefixItems": [
        {"enum": [str(status) for status in SecondaryStatus if status is not SecondaryStatus.STARTING]},
        {"type": "number", "minimum": 0, "maximum": LONGEST_WALK},
    ],
    "minItems": 2,
    "items": False,
}
_ARTIFACT = {
    "type": "object",
    "properties": {
        "uri": {"type": "string"},
        "bytes": {"type": "integer", "minimum": 0},
        "sha256": {"type": "string"},
        "text": {"type": ["string", "null"]},
    },
    "required": ["uri", "bytes", "sha256"],
    "additionalProperties": False,
}
_SCHEMA = {
    "type": "object",
    "properties": {
        "format": {"const": FORMAT},
        "recorded": {"type": "string"},
        "match": {
            "type": "object",
            "properties": {"job_name": {"type": "string"}, "base_model": {"type": "string"}},
            "additionalProperties": False,
        },
        "versions": _TEXTS,
        "job": {"type": "string"},
        "region": {"type": "string"},
        "request": {
            "type": "object",
            "properties": {
                "AutoMLProblemTypeConfig": {
                    "type": "object",
                    "properties": {member: {"type": "object"} for member in CONFIG_NAMES},
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                }
            },
            "required": ["AutoMLProblemTypeConfig"],
        },
        "walk": {"type": "array", "minItems": 1, "items": _STEP},
        "failure_reason": {"type": ["string", "null"]},
        "candidate": {
            "type": ["object", "null"],
            "properties": {
                "metrics": {"type": "object", "additionalProperties": _NUMBER},
                "image": {"type": "string"},
                "environment": _TEXTS,
            },
            "required": ["metrics", "image", "environment"],
            "additionalProperties": False,
        },
        "artifacts": {"type": "object", "additionalProperties": _ARTIFACT},
    },
    "additionalProperties": False,
    "required": ["format", "recorded", "match", "versions", "job", "region", "request", "walk", "artifacts"],
}


def parsed(text: bytes) -> dict[str, Any]:
    """The content of a recording's file. Raises ValueError that says in one sentence why it is none."""
    try:
        content = _json(text)
        problem = next(_problems(content), None)
    except RecursionError:
        problem = "it is nested too deeply"
    if problem is not None:
        raise ValueError(f"it is no recording of format {FORMAT}: {problem}")
    return content  # type: ignore[no-any-return]


def _json(text: bytes) -> Any:
    """JSON, and nothing that Python's parser lets pass beside: numbers without an end, halves of a character."""
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as problem:
        raise ValueError(f"it is no recording of format {FORMAT}: it is no JSON: {_shortened(str(problem))}") from None
    return content


def _problems(content: Any) -> Iterator[str]:
    """What is wrong; each judgement may rely on those before it."""
    found = best_match(Draft202012Validator(_SCHEMA).iter_errors(content))
    if found is not None:
        where = ".".join(str(part) for part in found.absolute_path) or "the file"
        yield f"{where}: {_shortened(found.message)}"
        return
    yield from _problems_of_walk([(SecondaryStatus(status), seconds) for status, seconds in content["walk"]])
    end, candidate = SecondaryStatus(content["walk"][-1][0]), content.get("candidate")
    if end is SecondaryStatus.FAILED and not content.get("failure_reason"):
        yield "it ends in Failed without a failure_reason"
    if end in _WITH_CANDIDATE and candidate is None:
        yield f"it ends in {end} without a candidate"
    if candidate is not None:
        yield from _problems_of_candidate(candidate, content["request"], content["artifacts"])


def _problems_of_walk(walk: list[tuple[SecondaryStatus, float]]) -> Iterator[str]:
    for (status, entered), (following, later) in pairwise([(SecondaryStatus.STARTING, 0.0), *walk]):
        if following not in TRANSITIONS.get(status, ()):
            yield f"its walk goes from {status} to {following}, which no job does"
        if later < entered:
            yield f"its walk enters {following} before {status}"
    if walk[-1][0] not in TERMINAL:
        yield f"its walk has no end: the last status is {walk[-1][0]}"


def _problems_of_candidate(
    candidate: Mapping[str, Any], request: Mapping[str, Any], artifacts: Mapping[str, Any]
) -> Iterator[str]:
    problem_type = PROBLEM_TYPES.get(problem_type_name(request))
    if problem_type is None:
        yield f"it has a candidate of {problem_type_name(request)}, which nothing here trains"
        return
    if missing := [name for name in problem_type.metrics if name not in candidate["metrics"]]:
        yield f"its candidate lacks the metrics {', '.join(missing)}"
    names = CandidateOutput("", "", "").artifacts
    if missing := [name for name in names if name not in artifacts]:
        yield f"its candidate lacks the artifacts {', '.join(missing)}"
    elif missing := [name for name in names if name != MODEL and artifacts[name].get("text") is None]:
        yield f"its candidate lacks the text of {', '.join(missing)}"
    elif not _is_object(artifacts["metrics.json"]["text"]):
        yield "its metrics.json is no JSON object"


def _is_object(text: str) -> bool:
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return isinstance(content, dict)


def _shortened(problem: str) -> str:
    """A complaint of bounded length: it may begin with the value, and ends with what is wrong with it."""
    if len(problem) <= LONGEST_COMPLAINT:
        return problem
    return f"{problem[: LONGEST_COMPLAINT // 2]} ... {problem[-LONGEST_COMPLAINT // 2 :]}"
