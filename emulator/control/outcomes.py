"""Outcomes: what a job comes to, commanded by its name, by its tag, or for the next one that is created."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from emulator import errors
from emulator.control.checks import checked

TAG = "automl-emulator:outcome"
STAGES = ("Starting", "AnalyzingData", "TrainingModels")
ENDS = ("fail", "stop", "max-runtime", "deploy-fail")
WITHOUT_TRAINING = ("fail", "stop", "max-runtime")
LONGEST_STAGE = 30 * 24 * 3600
LONGEST_REASON = 1024

_MEMBERS = {
    "end": {"enum": list(ENDS)},
    "stage": {"enum": list(STAGES)},
    "reason": {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON},
    "replay": {"type": "string", "minLength": 1},
    "seconds_per_stage": {"type": "number", "minimum": 0, "maximum": LONGEST_STAGE},
}
_RULE_MEMBERS = {"name": {"type": "string", "minLength": 1}, "times": {"type": ["integer", "null"], "minimum": 1}}


@dataclass(frozen=True)
class Outcome:
    """What a job is to come to. Without an `end` it is trained, or replayed where `replay` names a recording.

    It ends in `stage`, having stayed in each at least `seconds_per_stage`; `reason` is a failure's.
    """

    end: str | None = None
    stage: str | None = None
    reason: str | None = None
    replay: str | None = None
    seconds_per_stage: float = 0

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Outcome":
        """The outcome that JSON describes. Raises ApiError."""
        outcome = cls(**checked(dict(content), _MEMBERS))
        if outcome.reason is not None and outcome.end not in {"fail", "deploy-fail"}:
            raise errors.bad_control_request("a reason is for the ends fail and deploy-fail alone")
        if outcome.stage is not None and outcome.end not in WITHOUT_TRAINING:
            raise errors.bad_control_request(f"a stage is for the ends {', '.join(WITHOUT_TRAINING)} alone")
        if outcome.replay is not None and outcome.end in WITHOUT_TRAINING:
            raise errors.bad_control_request(f"a job that is replayed cannot be told to {outcome.end}")
        if not outcome.told():
            raise errors.bad_control_request("an outcome needs an end, a replay, or seconds_per_stage above 0")
        return outcome

    def told(self) -> dict[str, Any]:
        """As JSON: what has been set, and nothing else."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass
class Rule:
    """An outcome for jobs whose names match a pattern; `times` is for how many more, None for all."""

    name: str
    times: int | None
    outcome: Outcome
    used: int = field(default=0, init=False)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {"name": self.name, "times": self.times, "used": self.used, **self.outcome.told()}


class OutcomeBoard:
    """The rules that are set, in the order in which they were. Safe to use from any thread.

    `known_recording` raises ApiError for the name of a recording that is not there.
    """

    def __init__(self, known_recording: Callable[[str], object]) -> None:
        self._known_recording = known_recording
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(self, content: object) -> dict[str, Any]:
        """Set a rule, as JSON describes it. Raises ApiError."""
        members = checked(content, _MEMBERS | _RULE_MEMBERS)
        outcome = Outcome.of({name: value for name, value in members.items() if name not in _RULE_MEMBERS})
        if outcome.replay is not None:
            self._known_recording(outcome.replay)
        rule = Rule(members.get("name", "*"), members.get("times"), outcome)
        with self._lock:
            self._rules.append(rule)
            return rule.told()

    def listing(self) -> list[dict[str, Any]]:
        """All rules, those that have been used up too."""
        with self._lock:
            return [rule.told() for rule in self._rules]

    def clear(self) -> None:
        """Forget all rules; jobs that were created keep their outcomes."""
        with self._lock:
            self._rules.clear()

    @contextmanager
    def chosen(self, name: str, tags: Mapping[str, str]) -> Iterator[dict[str, Any] | None]:
        """The outcome of a job that is about to be kept: its tag's, or the first rule's that it matches.

        A rule counts as used once what this encloses is done. Raises ApiError for a tag that cannot be understood.
        """
        if TAG in tags:
            yield self._tagged(tags[TAG]).told()
            return
        with self._lock:
            rule = next((rule for rule in self._rules if rule.times != 0 and fnmatchcase(name, rule.name)), None)
            yield None if rule is None else rule.outcome.told()
            if rule is not None:
                rule.used += 1
                rule.times = None if rule.times is None else rule.times - 1

    def _tagged(self, value: str) -> Outcome:
        try:
            outcome = Outcome.of(_parsed(value))
            if outcome.replay is not None:
                self._known_recording(outcome.replay)
        except errors.ApiError as problem:
            raise errors.outcome_not_understood(value, str(problem.message)) from None
        return outcome


def _parsed(value: str) -> dict[str, Any]:
    """The JSON of a tag's value.

    It is one of `fail:STAGE:REASON`, `stop:STAGE`, `max-runtime:STAGE`, where the stage and the reason may be left out,
    `deploy-fail`, `slow:SECONDS` and `replay:NAME`.
    """
    word, _, rest = value.partition(":")
    if word == "slow":
        return {"seconds_per_stage": _number(rest)}
    if word == "replay":
        return {"replay": rest}
    stage, _, reason = rest.partition(":")
    given = {"stage": stage, "reason": reason}
    return {"end": word} | {member: text for member, text in given.items() if text}


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text
