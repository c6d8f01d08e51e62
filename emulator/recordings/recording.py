"""A recording: one real run as a file, with no path of the machine it ran on."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from emulator.problem_types import PROBLEM_TYPES, problem_type_name

FORMAT = 1
SUFFIXES = (".json", ".json.gz")
MODEL = "model.tar.gz"
ARN_HOLE = "<training_job_arn>"
"""Stands in a recorded FailureReason for the ARN of the training job, which each job has its own of."""

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
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
        "request": {"type": "object"},
        "walk": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number", "minimum": 0}]},
        },
        "failure_reason": {"type": ["string", "null"]},
        "candidate": {
            "type": ["object", "null"],
            "properties": {
                "metrics": {"type": "object", "additionalProperties": {"type": "number"}},
                "image": {"type": "string"},
                "environment": _TEXTS,
            },
            "required": ["metrics", "image", "environment"],
        },
        "artifacts": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "uri": {"type": "string"},
                    "bytes": {"type": "integer"},
                    "sha256": {"type": "string"},
                    "text": {"type": ["string", "null"]},
                },
                "required": ["uri", "bytes", "sha256"],
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
    "required": ["format", "recorded", "match", "versions", "job", "region", "request", "walk", "artifacts"],
}


@dataclass(frozen=True)
class Artifact:
    """An object that the run left: where it was, what it was, and its text unless it is the model."""

    uri: str
    bytes: int
    sha256: str
    text: str | None = None


@dataclass(frozen=True)
class Recording:
    """One run. `walk` has every secondary status after Starting with the seconds since the create."""

    recorded: str
    match: Mapping[str, str]
    versions: Mapping[str, str]
    job: str
    region: str
    request: Mapping[str, Any]
    walk: Sequence[tuple[str, float]]
    artifacts: Mapping[str, Artifact]
    failure_reason: str | None = None
    candidate: Mapping[str, Any] | None = None

    @property
    def end(self) -> str:
        """The secondary status that the run ended in."""
        return self.walk[-1][0]


def load(file: Path) -> Recording:
    """The recording in a file. Raises ValueError where there is none, OSError where it cannot be read."""
    packed = file.read_bytes()
    try:
        content = json.loads(gzip.decompress(packed) if file.suffix == ".gz" else packed)
    except (ValueError, RecursionError, EOFError, gzip.BadGzipFile) as problem:
        raise ValueError(f"it is no JSON: {problem}") from None
    found = best_match(Draft202012Validator(_SCHEMA).iter_errors(content))
    if found is not None:
        where = ".".join(str(part) for part in found.absolute_path) or "the file"
        raise ValueError(f"it is no recording of format {FORMAT}: {where}: {found.message[:200]}")
    del content["format"]
    content["artifacts"] = {name: Artifact(**artifact) for name, artifact in content["artifacts"].items()}
    recording = Recording(**content)
    if recording.candidate is not None:
        _check_candidate(recording)
    return recording


def _check_candidate(recording: Recording) -> None:
    texts = {name for name, artifact in recording.artifacts.items() if artifact.text is not None}
    if not {"metrics.json", "training.log"} <= texts or MODEL not in recording.artifacts:
        raise ValueError("its candidate lacks the text of metrics.json or of training.log, or the digest of its model")
    metrics = PROBLEM_TYPES[problem_type_name(recording.request)].metrics
    if missing := [name for name in metrics if name not in (recording.candidate or {})["metrics"]]:
        raise ValueError(f"its candidate lacks the metrics {', '.join(missing)}")


def save(recording: Recording, file: Path) -> None:
    """Write a recording; the same one gives the same bytes."""
    content = {"format": FORMAT} | asdict(recording)
    for artifact in content["artifacts"].values():
        if artifact["text"] is None:
            del artifact["text"]
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    file.write_bytes(gzip.compress(text.encode(), mtime=0) if file.suffix == ".gz" else text.encode())


def name_of(file: Path) -> str:
    """What a recording is called: its file's name without suffixes."""
    return file.name.removesuffix(".gz").removesuffix(".json")


def model_beside(file: Path) -> Path:
    """Where the weights of a recording are, if they were kept."""
    return file.with_name(f"{name_of(file)}.{MODEL}")


def sha256(content: bytes) -> str:
    """The digest by which an artifact is known."""
    return hashlib.sha256(content).hexdigest()
