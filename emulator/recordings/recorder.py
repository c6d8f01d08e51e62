"""Makes a recording of a job that has ended, from what any client of the emulator can ask."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from emulator import __version__, direct
from emulator.problem_types.text_generation.facts import TEXT_GENERATION, base_model_name
from emulator.recordings.recording import (
    ARN_HOLE,
    MODEL,
    SUFFIXES,
    Artifact,
    Recording,
    model_beside,
    save,
    sha256,
)
from emulator.storage.layout import parse_s3_uri

_REQUEST = (
    "AutoMLJobInputDataConfig",
    "OutputDataConfig",
    "RoleArn",
    "AutoMLJobObjective",
    "AutoMLProblemTypeConfig",
    "DataSplitConfig",
    "ModelDeployConfig",
    "SecurityConfig",
    "AutoMLComputeConfig",
)
_TRAINING_JOB_ARN = re.compile(r"arn:[\w-]+:sagemaker:[\w-]+:\d+:training-job/[\w-]+")
_ABSOLUTE_PATH = re.compile(r"(?<![\w:/.<>])(?:/[\w.+@~-]+)+/([\w.+@~-]+)")


class Unrecordable(Exception):
    """There is nothing to record, and why."""


class Recorder:
    """Asks one emulator, with credentials that it does not look at."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self._url = endpoint_url.rstrip("/")
        self._region = region
        self._sagemaker = direct.client("sagemaker", self._url, region, "test", "test")
        self._s3 = direct.client("s3", self._url, region, "test", "test")

    def record(
        self, job_name: str, file: Path, *, with_model: bool = False, match_name: str | None = None
    ) -> Recording:
        """Write the recording of a job that has ended. Raises Unrecordable.

        It will answer jobs whose names match `match_name`; without one a run with a candidate answers jobs of its
        base model, and any other those of its own name. `with_model` keeps the weights, in a file beside.
        """
        if not file.name.endswith(SUFFIXES):
            raise Unrecordable(f"{file} must end in {' or '.join(SUFFIXES)}")
        description = self._description(job_name)
        if "EndTime" not in description:
            raise Unrecordable(f"{job_name} has not ended yet: it is {description['AutoMLJobStatus']}")
        details = self._details(job_name)
        if details["outcome"] or "AUTOML_EMULATOR_REPLAYED" in _environment(description):
            raise Unrecordable(f"{job_name} was not a real run: its outcome was commanded, or it was replayed itself")
        recording = self._recording(description, details)
        recording = replace(recording, match={"job_name": match_name} if match_name else _match(recording))
        save(recording, file)
        if with_model and recording.candidate is not None:
            model_beside(file).write_bytes(self._object(recording.artifacts[MODEL].uri))
        return recording

    def _description(self, job_name: str) -> dict[str, Any]:
        try:
            description: dict[str, Any] = self._sagemaker.describe_auto_ml_job_v2(AutoMLJobName=job_name)
        except (BotoCoreError, ClientError) as problem:
            raise Unrecordable(str(problem)) from None
        return description

    def _details(self, job_name: str) -> dict[str, Any]:
        address = f"{self._url}/_emulator/jobs/{quote(job_name)}?region={quote(self._region)}"
        try:
            with direct.opener(address).open(address, timeout=60) as answer:
                details: dict[str, Any] = json.load(answer)
        except HTTPError as problem:
            problem.close()
            raise Unrecordable(f"{self._url} is no emulator: {address} answers {problem.code}") from None
        return details

    def _recording(self, description: dict[str, Any], details: dict[str, Any]) -> Recording:
        artifacts = {name: self._artifact(name, uri) for name, uri in details["artifacts"].items()}
        metrics_text = artifacts["metrics.json"].text if "metrics.json" in artifacts else None
        reason = description.get("FailureReason")
        return Recording(
            recorded=datetime.now(UTC).strftime("%Y-%m-%d"),
            match={},
            versions=json.loads(metrics_text)["versions"] if metrics_text else {"automl-emulator": __version__},
            job=description["AutoMLJobName"],
            region=self._region,
            request=json.loads(json.dumps({name: description[name] for name in _REQUEST if name in description})),
            walk=[(status, round(seconds, 3)) for status, seconds in details["walk"]],
            artifacts=artifacts,
            failure_reason=reason and _without_paths(_TRAINING_JOB_ARN.sub(ARN_HOLE, reason)),
            candidate=_candidate(description),
        )

    def _artifact(self, name: str, uri: str) -> Artifact:
        content = self._object(uri)
        text = None if name == MODEL else content.decode()
        if name == "training.log":
            text = _without_paths(content.decode())
            content = text.encode()
        return Artifact(uri, len(content), sha256(content), text)

    def _object(self, uri: str) -> bytes:
        location = parse_s3_uri(uri)
        content: bytes = self._s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
        return content


def _without_paths(text: str) -> str:
    """A text without the folders of this machine; the last part of a path stays."""
    return _ABSOLUTE_PATH.sub(r"<folder>/\1", text)


def _environment(description: dict[str, Any]) -> dict[str, str]:
    containers = description.get("BestCandidate", {}).get("InferenceContainers", [{}])
    environment: dict[str, str] = containers[0].get("Environment", {})
    return environment


def _candidate(description: dict[str, Any]) -> dict[str, Any] | None:
    if "BestCandidate" not in description:
        return None
    candidate = description["BestCandidate"]
    metrics = candidate["CandidateProperties"]["CandidateMetrics"]
    return {
        "metrics": {metric["StandardMetricName"]: metric["Value"] for metric in metrics},
        "image": candidate["InferenceContainers"][0]["Image"],
        "environment": _environment(description),
    }


def _match(recording: Recording) -> dict[str, str]:
    config = recording.request["AutoMLProblemTypeConfig"].get(TEXT_GENERATION.config)
    if recording.candidate is None or config is None:
        return {"job_name": recording.job}
    return {"base_model": base_model_name(config)}
