"""Makes a recording of a job that has ended, from what any client of the emulator can ask."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from botocore.exceptions import BotoCoreError, ClientError

from emulator import __version__, direct
from emulator.jobs.descriptions import ECHOED
from emulator.jobs.record import STATUS_OF, AutoMLJobStatus, SecondaryStatus
from emulator.problem_types.text_generation.facts import TEXT_GENERATION, base_model_name
from emulator.recordings.form import MODEL
from emulator.recordings.recording import (
    ARN_HOLE,
    SUFFIXES,
    Artifact,
    Recording,
    model_beside,
    part_of,
    save,
    sha256,
)
from emulator.s3.layout import parse_s3_uri

PART_BYTES = 2**20
_TRAINING_JOB_ARN = re.compile(r"arn:[\w-]+:sagemaker:[\w-]+:\d+:training-job/[\w-]+")
_ABSOLUTE_PATH = re.compile(r"(?<![\w:/.<>])(?:/[\w.+@~-]+)+/([\w.+@~-]+)")


class Unrecordable(Exception):
    """There is nothing to record, and why."""


class Recorder:
    """Asks one emulator, with the key that the user's shell names; objects are where AWS_ENDPOINT_URL_S3 says.

    Raises Unrecordable where that cannot be, OSError for what is no URL.
    """

    def __init__(self, endpoint_url: str, region: str) -> None:
        self._url = endpoint_url.rstrip("/")
        self._region = region
        direct.check_url(self._url)
        s3_url = os.environ.get("AWS_ENDPOINT_URL_S3") or self._url
        with _told():
            self._sagemaker = direct.client_of_user("sagemaker", self._url, region)
            self._s3 = direct.s3_of_user(s3_url, region)

    def record(
        self, job_name: str, file: Path, *, with_model: bool = False, match_name: str | None = None
    ) -> Recording:
        """Write the recording of a job that has ended. Raises Unrecordable, and OSError for a file or a server.

        It will answer jobs whose names match `match_name`; without one a completed run with a candidate answers jobs
        of its base model, and any other those of its own name. `with_model` keeps the weights, in a file beside,
        whence those of what was recorded there before go in any case.
        """
        if not file.name.endswith(SUFFIXES):
            raise Unrecordable(f"{file} must end in {' or '.join(SUFFIXES)}")
        with _told():
            description = self._sagemaker.describe_auto_ml_job_v2(AutoMLJobName=job_name)
            if "EndTime" not in description:
                raise Unrecordable(f"{job_name} has not ended yet: it is {description['AutoMLJobStatus']}")
            details = self._details(job_name)
            if details["outcome"] or "AUTOML_EMULATOR_REPLAYED" in _environment(description):
                raise Unrecordable(
                    f"{job_name} was not a real run: its outcome was commanded, or it was replayed itself"
                )
            recording = self._recording(description, details)
            recording = replace(recording, match={"job_name": match_name} if match_name else match_of(recording))
            part = part_of(model_beside(file))
            try:
                kept = self._fetch_model(recording, part) if with_model else None
                save(recording, file, kept)
            finally:
                part.unlink(missing_ok=True)
        return recording

    def _details(self, job_name: str) -> dict[str, Any]:
        query = urlencode({"region": self._region})
        path = f"/_emulator/jobs/{quote(job_name, safe='')}?{query}"
        details: dict[str, Any] = direct.page(self._url, path, self._region)
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
            request=json.loads(json.dumps({name: description[name] for name in ECHOED if name in description})),
            walk=[(status, round(seconds, 3)) for status, seconds in details["walk"]],
            artifacts=artifacts,
            failure_reason=reason and _without_paths(_TRAINING_JOB_ARN.sub(ARN_HOLE, reason)),
            candidate=_candidate(description),
        )

    def _artifact(self, name: str, uri: str) -> Artifact:
        if name == MODEL:
            return self._model(uri)
        text = b"".join(self._object(uri)).decode()
        if name == "training.log":
            text = _without_paths(text)
        content = text.encode()
        return Artifact(uri, len(content), sha256(content), text)

    def _model(self, uri: str) -> Artifact:
        """Its digest alone, part by part: it may be larger than the memory."""
        digest, size = hashlib.sha256(), 0
        for part in self._object(uri):
            digest.update(part)
            size += len(part)
        return Artifact(uri, size, digest.hexdigest())

    def _fetch_model(self, recording: Recording, file: Path) -> Path | None:
        """Write the weights into a file, where there are any."""
        if recording.candidate is None:
            return None
        with file.open("wb") as model:
            for part in self._object(recording.artifacts[MODEL].uri):
                model.write(part)
        return file

    def _object(self, uri: str) -> Iterator[bytes]:
        location = parse_s3_uri(uri)
        try:
            yield from self._s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].iter_chunks(PART_BYTES)
        except (BotoCoreError, ClientError) as problem:
            raise Unrecordable(f"{uri} cannot be read: {problem}") from None


@contextmanager
def _told() -> Iterator[None]:
    """Raises Unrecordable, which is one sentence, for what clients and files of recordings raise."""
    try:
        yield
    except KeyError as missing:
        raise Unrecordable(f"{missing} is missing in what is told of it") from None
    except (BotoCoreError, ClientError, ValueError) as problem:
        raise Unrecordable(str(problem)) from None


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


def match_of(recording: Recording) -> dict[str, str]:
    """Which jobs a recording answers by itself: those of its base model where it is what such a job comes to."""
    config = recording.request["AutoMLProblemTypeConfig"].get(TEXT_GENERATION.config)
    completed = STATUS_OF[SecondaryStatus(recording.end)] is AutoMLJobStatus.COMPLETED
    if recording.candidate is None or config is None or not completed:
        return {"job_name": recording.job}
    return {"base_model": base_model_name(config)}
