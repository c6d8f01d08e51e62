"""What the API needs to know of a problem type, and what its trainer gets and gives. No training code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.s3.access import S3Access


@dataclass(frozen=True)
class ProblemType:
    """A problem type: its names, its metrics, and the module that trains it.

    `metrics` maps each StandardMetricName to the Set it was computed on (Train or Validation).
    `resolved_attributes` makes AutoMLProblemTypeResolvedAttributes of a request's problem type configuration.
    `trainer` names a module with `train(order, report) -> TrainedCandidate`, and `preload()` for a process that is to
    be forked; the worker alone imports it.
    """

    name: str
    config: str
    metrics: Mapping[str, str]
    resolved_attributes: Callable[[Mapping[str, Any]], dict[str, Any]]
    trainer: str


@dataclass(frozen=True)
class TrainingOrder:
    """All that a worker is told: the job, where S3 is, and what the server was set to."""

    job_name: str
    job_arn: str
    problem_type: str
    region: str
    candidate_name: str
    training_job_arn: str
    request: Mapping[str, Any]
    s3: S3Access
    device: str
    models: str
    model: Sequence[str]
    cache_dir: str
    seed: int
    deadline: float
    """When MaxAutoMLJobRuntimeInSeconds ends, on the clock of `time.monotonic`, which a machine's processes share."""
    folder: str
    """Scratch space on this machine, empty but for the order and the log."""
    log_file: str
    heartbeat: float
    """Seconds between two signs of life; 0 for none."""
    gpu: str | None
    """The GPU that this worker may use, as CUDA_VISIBLE_DEVICES names it; None for whatever there is."""
    outcome: Mapping[str, Any] | None = None
    """What the job is to come to where a test has commanded it; workers that train take no notice of it."""


@dataclass(frozen=True)
class TrainedCandidate:
    """What a trained candidate is, as its trainer computed it."""

    metrics: Mapping[str, float]
    artifacts: Mapping[str, str]
    image: str
    environment: Mapping[str, str]
    job_runtime_reached: bool = False
    """Whether the job's deadline cut the training short."""
    cut_short: bool = False
    """Whether any deadline did, the training job's own included."""


class OutOfTime(Exception):
    """The job's deadline came before there was anything to keep."""


@dataclass(frozen=True)
class Progress:
    """Where a fine-tune stands: steps done of all steps, the epoch, and the newest losses (nats per token)."""

    step: int
    steps: int
    epoch: int
    epochs: int
    training_loss: float
    validation_loss: float | None = None


class Report(Protocol):
    """What a trainer tells while it works."""

    def status(self, secondary_status: str) -> None:
        """The job enters this AutoMLJobSecondaryStatus."""

    def progress(self, progress: Progress) -> None:
        """A step of the fine-tune is done."""
