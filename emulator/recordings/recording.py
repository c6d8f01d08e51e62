"""A recording: one real run as a file, with no path of the machine it ran on."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emulator.recordings.files import LARGEST, read
from emulator.recordings.form import FORMAT, MODEL, parsed

SUFFIXES = (".json", ".json.gz")
ARN_HOLE = "<training_job_arn>"
"""Stands in a recorded FailureReason for the ARN of the training job, which each job has its own of."""


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
    try:
        text = read(file)
    except ValueError as problem:
        raise ValueError(f"it is no recording: {problem}") from None
    return _recording(text)


def save(recording: Recording, file: Path, model: Path | None = None) -> None:
    """Write a recording; the same one gives the same bytes. `model`, a file beside it, becomes its weights.

    Weights of another recording go before it comes, and its own come after it: whenever this breaks off, there is a
    recording that can be played. Raises ValueError where it could not be loaded again, OSError where it cannot be
    written.
    """
    content = {"format": FORMAT} | asdict(recording)
    for artifact in content["artifacts"].values():
        if artifact["text"] is None:
            del artifact["text"]
    text = (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    if len(text) > LARGEST:
        raise ValueError(f"it would be larger than the {LARGEST // 2**20} MiB that a recording may have")
    _recording(text)
    part = part_of(file)
    try:
        part.write_bytes(gzip.compress(text, mtime=0) if file.suffix == ".gz" else text)
        model_beside(file).unlink(missing_ok=True)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    if model is not None:
        model.replace(model_beside(file))


def _recording(text: bytes) -> Recording:
    content = parsed(text)
    del content["format"]
    content["artifacts"] = {name: Artifact(**artifact) for name, artifact in content["artifacts"].items()}
    return Recording(**content)


def name_of(file: Path) -> str:
    """What a recording is called: its file's name without suffixes."""
    return file.name.removesuffix(".gz").removesuffix(".json")


def model_beside(file: Path) -> Path:
    """Where the weights of a recording are, if they were kept."""
    return file.with_name(f"{name_of(file)}.{MODEL}")


def part_of(file: Path) -> Path:
    """Where a file is written, before it takes its place whole."""
    return file.with_name(f"{file.name}.part")


def sha256(content: bytes) -> str:
    """The digest by which an artifact is known."""
    return hashlib.sha256(content).hexdigest()


def digest_of(file: Path) -> str:
    """The same of a file, which may be larger than the memory."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
