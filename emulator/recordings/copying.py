"""Answers a job from an earlier one that was asked the same: its numbers, and its artifacts copied within S3."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.base_models.catalogue import registry
from emulator.executors.scripted import Actor, Script
from emulator.jobs.record import AutoMLJob, Candidate
from emulator.problem_types import TrainingOrder
from emulator.recordings.disclosure import ARTIFACTS, VARIABLE, disclosed_log, disclosed_metrics
from emulator.s3.layout import CandidateOutput

if TYPE_CHECKING:
    from emulator.s3.client import S3  # boto3, which a server that answers nothing itself does without

_WALK = ("AnalyzingData", "TrainingModels")


class Copy:
    """An earlier job's candidate as that of a new job."""

    def __init__(self, earlier: AutoMLJob, candidate: Candidate, order: TrainingOrder, s3: "S3") -> None:
        self._earlier = earlier
        self._candidate = candidate
        self._order = order
        self._s3 = s3

    def script(self, least_seconds: float) -> Script:
        """What a worker is to play; every stage lasts at least so long."""

        def play(actor: Actor) -> None:
            actor.log(self._sentence())
            self._s3.require_bucket(self._order.request["OutputDataConfig"]["S3OutputPath"])
            for status in _WALK:
                actor.pause(least_seconds)
                actor.status(status)
            actor.pause(least_seconds)
            actor.send("finished", self._outcome())

        return play

    def _outcome(self) -> dict[str, Any]:
        order, earlier = self._order, self._candidate
        output = CandidateOutput(
            order.request["OutputDataConfig"]["S3OutputPath"], order.job_name, order.candidate_name
        )
        for name, uri in output.artifacts.items():
            self._store(name, earlier.artifacts[name], uri)
        return {
            "metrics": dict(earlier.metrics),
            "artifacts": output.artifacts,
            "image": earlier.image.replace(registry(self._earlier.region), registry(order.region)),
            "environment": dict(earlier.environment) | {ARTIFACTS: output.folder, VARIABLE: self._earlier.arn},
            "cut_short": earlier.cut_short,
        }

    def _store(self, name: str, source: str, target: str) -> None:
        if name == "metrics.json":
            text = self._s3.read_whole(source).decode()
            self._upload(
                disclosed_metrics(text, self._order.job_name, self._order.candidate_name, self._source()), target
            )
        elif name == "training.log":
            own = Path(self._order.log_file).read_text(encoding="utf-8")
            self._upload(disclosed_log(self._s3.read_whole(source).decode(), own), target)
        else:
            self._s3.copy(source, target)

    def _upload(self, text: str, target: str) -> None:
        file = Path(self._order.folder) / "copied"
        file.write_text(text, encoding="utf-8")
        self._s3.upload(file, target)

    def _source(self) -> dict[str, Any]:
        return {"job": self._earlier.arn, "because": "same data, model, hyperparameters and seed (--reuse-results)"}

    def _sentence(self) -> str:
        return (
            f"replayed from {self._earlier.arn}, which had the same data, model, hyperparameters and seed: "
            "nothing was trained for this job, and its metrics are that run's"
        )
