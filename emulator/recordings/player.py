"""Replays a recording: the same walk and the same numbers, for a job of today, which says so wherever it can."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator import errors
from emulator.base_models.catalogue import registry
from emulator.executors.scripted import Actor, Script
from emulator.jobs.record import TERMINAL, SecondaryStatus
from emulator.problem_types import TrainingOrder
from emulator.recordings.disclosure import ARTIFACTS, VARIABLE, disclosed_log, disclosed_metrics, ended_early
from emulator.recordings.form import MODEL
from emulator.recordings.library import Found
from emulator.recordings.recording import ARN_HOLE, digest_of, model_beside
from emulator.s3.layout import CandidateOutput

if TYPE_CHECKING:
    from emulator.s3.client import S3  # boto3, which a server that answers nothing itself does without


class Player:
    """Plays one recording for one job. `speed` divides the recorded times, 0 leaves them out."""

    def __init__(self, found: Found, order: TrainingOrder, s3: "S3", speed: float) -> None:
        self._found = found
        self._order = order
        self._s3 = s3
        self._speed = speed

    def script(self, least_seconds: float) -> Script:
        """What a worker is to play; every stage lasts at least so long."""
        return lambda actor: self._play(actor, least_seconds)

    def _play(self, actor: Actor, least_seconds: float) -> None:
        actor.log(self._sentence())
        if self._found.recording.candidate is not None:
            self._s3.require_bucket(self._order.request["OutputDataConfig"]["S3OutputPath"])
        began = entered = time.monotonic()
        for status, seconds in self._found.recording.walk:
            due = began + seconds / self._speed if self._speed else began
            actor.pause(max(due, entered + least_seconds) - time.monotonic())
            entered = time.monotonic()
            if status in TERMINAL or status == SecondaryStatus.STOPPING:
                self._end(actor, SecondaryStatus(status))
                return
            if status != "DeployingModel":  # whether this job deploys is for its own request to say
                actor.status(status)

    def _end(self, actor: Actor, status: SecondaryStatus) -> None:
        """End as the run did; one that was stopped has no candidate, even if it had got to deploying one."""
        recording = self._found.recording
        if status in {SecondaryStatus.STOPPING, SecondaryStatus.STOPPED}:
            actor.send("stop", {})
            actor.pause(None)
        elif status is SecondaryStatus.FAILED:
            reason = (recording.failure_reason or "").replace(ARN_HOLE, self._order.training_job_arn)
            actor.send("refused", {"reason": reason, "whole": True})
        elif recording.candidate is not None:
            reached = status is SecondaryStatus.MAX_RUNTIME_REACHED
            actor.send("finished", self._outcome(actor, recording.candidate) | {"job_runtime_reached": reached})
        else:
            actor.send("expired", {})

    def _outcome(self, actor: Actor, candidate: Mapping[str, Any]) -> dict[str, Any]:
        order, recording = self._order, self._found.recording
        output = CandidateOutput(
            order.request["OutputDataConfig"]["S3OutputPath"], order.job_name, order.candidate_name
        )
        self._store(actor, output)
        return {
            "metrics": candidate["metrics"],
            "artifacts": output.artifacts,
            "image": candidate["image"].replace(registry(recording.region), registry(order.region)),
            "environment": candidate["environment"] | {ARTIFACTS: output.folder, VARIABLE: self._found.name},
            "cut_short": ended_early(recording.artifacts["metrics.json"].text or "{}"),
        }

    def _store(self, actor: Actor, output: CandidateOutput) -> None:
        """Store what the recording holds; a model that it does not hold is left out, and the log says so."""
        order, artifacts = self._order, self._found.recording.artifacts
        model = model_beside(self._found.file)
        has_model = model.is_file()
        if has_model and digest_of(model) != artifacts[MODEL].sha256:
            raise errors.recording_unusable(self._found.name, f"{model.name} is not the model that was recorded")
        if not has_model:
            actor.log(f"{MODEL} was not recorded, so there is none in S3 and this candidate cannot be deployed")
        texts = {name: text for name in output.artifacts if (text := artifacts[name].text) is not None}
        texts["metrics.json"] = disclosed_metrics(
            texts["metrics.json"], order.job_name, order.candidate_name, self._source(has_model)
        )
        own = Path(order.log_file).read_text(encoding="utf-8")
        texts["training.log"] = disclosed_log(texts["training.log"], own)
        for name, text in texts.items():
            file = Path(order.folder) / f"replayed-{name}"
            file.write_text(text, encoding="utf-8")
            self._s3.upload(file, output.artifacts[name])
        if has_model:
            self._s3.upload(model, output.artifacts[MODEL])

    def _source(self, has_model: bool) -> dict[str, Any]:
        recording = self._found.recording
        return {
            "recording": self._found.name,
            "recorded": recording.recorded,
            "job": recording.job,
            "versions": dict(recording.versions),
            "model_stored": has_model,
        }

    def _sentence(self) -> str:
        recording = self._found.recording
        return (
            f"replayed from the recording {self._found.name}, made of the job {recording.job} on {recording.recorded}: "
            "nothing was trained for this job, and its metrics are that run's"
        )
