"""What a worker says of its job: one JSON line an event."""

import json
from dataclasses import dataclass

from emulator.jobs.record import SecondaryStatus
from emulator.problem_types import Outcome, Progress


@dataclass(frozen=True)
class Advanced:
    """The job entered a status."""

    status: SecondaryStatus


@dataclass(frozen=True)
class Finished:
    """The candidate is trained, measured and stored."""

    outcome: Outcome


@dataclass(frozen=True)
class Refused:
    """The worker gave up, and says why."""

    reason: str


@dataclass(frozen=True)
class Expired:
    """The job's deadline came before there was a candidate."""


@dataclass(frozen=True)
class Alive:
    """The worker has nothing new to tell, and lives."""


Event = Advanced | Progress | Finished | Refused | Expired | Alive


def parse_event(line: bytes) -> Event:
    """The event that a worker wrote. Raises ValueError for anything else."""
    try:
        content = json.loads(line)
        kind = content.pop("event")
        if kind == "status":
            return Advanced(SecondaryStatus(content["status"]))
        if kind == "alive":
            return Alive()
        if kind == "progress":
            return Progress(**content)
        if kind == "finished":
            return Finished(Outcome(**content))
        if kind == "expired":
            return Expired()
        if kind == "refused":
            return Refused(str(content["reason"]))
    except (TypeError, AttributeError, KeyError, RecursionError) as problem:
        raise ValueError(f"no event: {problem!r}") from problem
    raise ValueError(f"no event: {kind!r}")
