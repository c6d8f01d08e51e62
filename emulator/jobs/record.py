"""What a job is: immutable records, its statuses, and which status may follow which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from emulator import errors
from emulator.problem_types import PROBLEM_TYPES, ProblemType, problem_type_name
from emulator.protocol import arn_of


class AutoMLJobStatus(StrEnum):
    """AutoMLJobStatus of the service model."""

    COMPLETED = "Completed"
    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    STOPPED = "Stopped"
    STOPPING = "Stopping"


class SecondaryStatus(StrEnum):
    """The values of AutoMLJobSecondaryStatus that a text generation job passes through."""

    STARTING = "Starting"
    ANALYZING_DATA = "AnalyzingData"
    TRAINING_MODELS = "TrainingModels"
    DEPLOYING_MODEL = "DeployingModel"
    COMPLETED = "Completed"
    MODEL_DEPLOYMENT_ERROR = "ModelDeploymentError"
    MAX_RUNTIME_REACHED = "MaxAutoMLJobRuntimeReached"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"


S = SecondaryStatus
STATUS_OF: dict[SecondaryStatus, AutoMLJobStatus] = {
    S.STARTING: AutoMLJobStatus.IN_PROGRESS,
    S.ANALYZING_DATA: AutoMLJobStatus.IN_PROGRESS,
    S.TRAINING_MODELS: AutoMLJobStatus.IN_PROGRESS,
    S.DEPLOYING_MODEL: AutoMLJobStatus.IN_PROGRESS,
    S.COMPLETED: AutoMLJobStatus.COMPLETED,
    S.MODEL_DEPLOYMENT_ERROR: AutoMLJobStatus.COMPLETED,
    S.MAX_RUNTIME_REACHED: AutoMLJobStatus.COMPLETED,
    S.FAILED: AutoMLJobStatus.FAILED,
    S.STOPPING: AutoMLJobStatus.STOPPING,
    S.STOPPED: AutoMLJobStatus.STOPPED,
}
"""The primary status that goes with each secondary one."""

LONGEST_RUNTIME = 30 * 24 * 3600

TERMINAL = frozenset({S.COMPLETED, S.MODEL_DEPLOYMENT_ERROR, S.MAX_RUNTIME_REACHED, S.FAILED, S.STOPPED})

_ANY_END = frozenset({S.FAILED, S.STOPPING, S.MAX_RUNTIME_REACHED})
TRANSITIONS: dict[SecondaryStatus, frozenset[SecondaryStatus]] = {
    S.STARTING: _ANY_END | {S.ANALYZING_DATA},
    S.ANALYZING_DATA: _ANY_END | {S.TRAINING_MODELS},
    S.TRAINING_MODELS: _ANY_END | {S.DEPLOYING_MODEL, S.COMPLETED},
    S.DEPLOYING_MODEL: _ANY_END | {S.COMPLETED, S.MODEL_DEPLOYMENT_ERROR},
    S.STOPPING: frozenset({S.STOPPED}),
}
"""Which secondary status may follow which; a terminal one is followed by none."""

BEGUN_AGAIN = frozenset({S.ANALYZING_DATA, S.TRAINING_MODELS})
"""Whence a job goes back to Starting when its server was lost; the service loses none, and shows no such step."""


class IllegalTransition(Exception):
    """A status was asked for that may not follow the present one."""


@dataclass(frozen=True)
class Candidate:
    """A trained model. It cannot be made without every metric of its problem type.

    `metrics` maps StandardMetricName to its value; `artifacts` maps what it is to an S3 URI;
    `environment` is the inference container's; the times are epoch seconds.
    """

    name: str
    problem_type: str
    training_job_arn: str
    metrics: Mapping[str, float]
    artifacts: Mapping[str, str]
    image: str
    environment: Mapping[str, str]
    created: float
    ended: float
    cut_short: bool = False
    """Whether a limit on time ended its training."""

    def __post_init__(self) -> None:
        missing = [metric for metric in PROBLEM_TYPES[self.problem_type].metrics if metric not in self.metrics]
        if missing:
            raise ValueError(f"candidate {self.name} lacks the metrics {', '.join(missing)}")


@dataclass(frozen=True)
class AutoMLJob:
    """One AutoML job: the request as it came, and what has become of it. Times are epoch seconds."""

    region: str
    account: str
    name: str
    request: Mapping[str, Any]
    created: float
    modified: float
    secondary_status: SecondaryStatus = S.STARTING
    ended: float | None = None
    failure_reason: str | None = None
    candidate: Candidate | None = None
    analyzed: bool = False
    """Whether the data was found usable, from when on the service shows ResolvedAttributes."""
    endpoint_name: str | None = None
    """The endpoint that serves the candidate, where the request asks for one and it is in service."""
    outcome: Mapping[str, Any] | None = None
    """What a test has commanded the job to come to (control.outcomes)."""
    seed: int | None = None
    """The seed of its fine-tune, where it is not the settings'."""
    walk: Sequence[tuple[str, float]] = ()
    """Every secondary status after Starting, and when it was entered."""

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return arn_of("automl-job", self.region, self.account, self.name)

    @property
    def status(self) -> AutoMLJobStatus:
        """AutoMLJobStatus, which follows from the secondary status."""
        return STATUS_OF[self.secondary_status]

    @property
    def problem_type_name(self) -> str:
        """AutoMLProblemTypeConfigName of the request."""
        return problem_type_name(self.request)

    @property
    def problem_type_config(self) -> Mapping[str, Any]:
        """The one member of the request's AutoMLProblemTypeConfig."""
        (config,) = self.request["AutoMLProblemTypeConfig"].values()
        return config  # type: ignore[no-any-return]

    @property
    def problem_type(self) -> ProblemType | None:
        """What is known of the job's problem type; None where the emulator cannot train it."""
        return PROBLEM_TYPES.get(self.problem_type_name)

    @property
    def longest_runtime(self) -> float:
        """MaxAutoMLJobRuntimeInSeconds, or the service's 30 days where the request sets none."""
        criteria = self.problem_type_config.get("CompletionCriteria", {})
        seconds: float = criteria.get("MaxAutoMLJobRuntimeInSeconds", LONGEST_RUNTIME)
        return min(seconds, LONGEST_RUNTIME)

    @property
    def deadline(self) -> float:
        """When the job's longest runtime is over."""
        return self.created + self.longest_runtime

    def moved_to(self, status: SecondaryStatus, now: float) -> "AutoMLJob":
        """This job in another status; unchanged where late news no longer counts. Raises IllegalTransition.

        The first terminal status stays, and a stopping job can only become Stopped.
        """
        late = self.ended is not None or (self.secondary_status is S.STOPPING and status is not S.STOPPED)
        if late or status is self.secondary_status:
            return self
        if status not in TRANSITIONS[self.secondary_status]:
            raise IllegalTransition(f"{self.name}: {self.secondary_status} -> {status}")
        now = max(now, self.modified)  # a clock that was set back makes no job end before it began
        return replace(
            self,
            secondary_status=status,
            modified=now,
            walk=[*self.walk, (status, now)],
            ended=now if status in TERMINAL else None,
            analyzed=self.analyzed or status is S.TRAINING_MODELS,
        )

    def failed(self, reason: str, now: float) -> "AutoMLJob":
        """This job ended as Failed, with a reason of at most 1,024 characters (the service's limit)."""
        moved = self.moved_to(S.FAILED, now)
        return self if moved is self else replace(moved, failure_reason=errors.shortened(reason))

    def trained(self, candidate: Candidate, now: float, *, runtime_reached: bool = False) -> "AutoMLJob":
        """This job with its best candidate: ended, or about to deploy it where the request asks for an endpoint.

        A job that reached its longest runtime deploys nothing (documented).
        """
        follows = S.DEPLOYING_MODEL if "ModelDeployConfig" in self.request else S.COMPLETED
        moved = self.moved_to(S.MAX_RUNTIME_REACHED if runtime_reached else follows, now)
        return self if moved is self else replace(moved, candidate=candidate)

    def deployed(self, endpoint_name: str, now: float) -> "AutoMLJob":
        """This job ended well, with its candidate in service at an endpoint."""
        moved = self.moved_to(S.COMPLETED, now)
        return self if moved is self else replace(moved, endpoint_name=endpoint_name)

    def not_deployed(self, reason: str | None, now: float) -> "AutoMLJob":
        """This job ended with a candidate that is not in service."""
        moved = self.moved_to(S.MODEL_DEPLOYMENT_ERROR, now)
        return self if moved is self else replace(moved, failure_reason=reason and errors.shortened(reason))

    def begun_again(self, now: float) -> "AutoMLJob":
        """This job as a new server takes it over from one that was lost.

        It begins again from its inputs, with the time that it has left; a stopping job has stopped, and one that was
        deploying keeps its candidate, to deploy it again.
        """
        if self.secondary_status is S.STOPPING:
            return self.moved_to(S.STOPPED, now)
        if self.ended is None and now >= self.deadline:
            return self.moved_to(S.MAX_RUNTIME_REACHED, now)
        if self.secondary_status not in BEGUN_AGAIN:
            return self
        return replace(self, secondary_status=S.STARTING, modified=max(now, self.modified), analyzed=False, walk=())


def region_of_arn(arn: str) -> str:
    """The region in an ARN that has the form `arn:partition:service:region:...`."""
    return arn.split(":")[3]
