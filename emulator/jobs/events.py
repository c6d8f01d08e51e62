"""What a worker says of its job: one JSON line an event."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.jobs.record import SecondaryStatus
from emulator.problem_types import Progress, TrainedCandidate


@dataclass(frozen=True)
class Advanced:
    """The job entered a status."""

    status: SecondaryStatus


@dataclass(frozen=True)
class Finished:
    """The candidate is trained, measured and stored."""

    candidate: TrainedCandidate


@dataclass(frozen=True)
class Refused:
    """The worker gave up, and says why."""

    reason: str
    whole: bool = False
    """Whether it is the whole FailureReason, and not the cause that one names."""


@dataclass(frozen=True)
class Expired:
    """The job's deadline came before there was a candidate."""


@dataclass(frozen=True)
class Alive:
    """The worker has nothing new to tell, and lives."""


@dataclass(frozen=True)
class StopWanted:
    """The job is to be stopped, as by StopAutoMLJob: it was commanded, or replayed."""


Event = Advanced | Progress | Finished | Refused | Expired | Alive | StopWanted


_MADE: dict[str, Callable[[dict[str, Any]], Event]] = {
    "status": lambda content: Advanced(SecondaryStatus(content["status"])),
    "alive": lambda _: Alive(),
    "progress": lambda content: Progress(**content),
    "finished": lambda content: Finished(TrainedCandidate(**content)),
    "expired": lambda _: Expired(),
    "stop": lambda _: StopWanted(),
    "refused": lambda content: Refused(str(content["reason"]), whole=content.get("whole") is True),
}


def parse_event(line: bytes) -> Event:
    """The event that a worker wrote. Raises ValueError for anything else."""
    try:
        content = json.loads(line)
        return _MADE[content.pop("event")](content)
    except (TypeError, AttributeError, KeyError, RecursionError) as problem:
        raise ValueError(f"no event: {problem!r}") from problem
