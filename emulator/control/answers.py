"""What answers a job in place of a fine-tune: a recording, or an earlier job that was asked the same."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.control.director import Answer
from emulator.control.outcomes import Outcome
from emulator.executors.scripted import Script
from emulator.jobs.record import AutoMLJob
from emulator.problem_types import PROBLEM_TYPES, TrainingOrder
from emulator.recordings.copying import Copy
from emulator.recordings.library import Found, Library
from emulator.recordings.player import Player
from emulator.recordings.results import Results, fingerprint
from emulator.s3.clients import S3Clients
from emulator.settings import Settings


class FromRecording:
    """Answers from the recording that the outcome names, or from the one of the library that matches.

    Jobs of problem types that nothing here trains have none.
    """

    def __init__(self, library: Library, clients: S3Clients, speed: float) -> None:
        self._library = library
        self._clients = clients
        self._speed = speed

    def __call__(self, order: TrainingOrder, outcome: Outcome) -> Script | None:
        """The script of the job. Raises JobFailure for a recording that cannot be read."""
        try:
            found = self._found(order.job_name, order.problem_type, order.request, outcome)
        except ValueError as problem:
            raise errors.recording_unusable(outcome.replay or "a recording", str(problem)) from None
        if found is None:
            return None
        return Player(found, order, self._clients.at(order.s3, order.region), self._speed).script(
            outcome.seconds_per_stage
        )

    def foresees(self, job: AutoMLJob, outcome: Outcome) -> bool:
        """Whether there is a recording for a job, be it one that cannot be read."""
        try:
            return self._found(job.name, job.problem_type_name, job.request, outcome) is not None
        except ValueError:
            return True

    def _found(self, name: str, problem_type: str, request: Mapping[str, Any], outcome: Outcome) -> Found | None:
        if problem_type not in PROBLEM_TYPES:  # a candidate of a recording would not be one of such a job
            return None
        if outcome.replay:
            return self._library.named(outcome.replay)
        return self._library.matching(name, problem_type, request)


class FromResults:
    """Answers from an earlier job that was asked the same, and keeps in mind what is asked of this one."""

    def __init__(self, results: Results, clients: S3Clients) -> None:
        self._results = results
        self._clients = clients

    def __call__(self, order: TrainingOrder, outcome: Outcome) -> Script | None:
        """The script of the job."""
        s3 = self._clients.at(order.s3, order.region)
        asked = fingerprint(order, s3)
        if asked is None:
            return None
        earlier = self._results.find(asked, s3)
        if earlier is None or earlier.candidate is None:
            self._results.remember(asked, order)
            return None
        return Copy(earlier, earlier.candidate, order, s3).script(outcome.seconds_per_stage)

    def foresees(self, job: AutoMLJob, outcome: Outcome) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing: the data of the job would have to be read."""
        return False


def make_answers(settings: Settings, library: Library, results: Results) -> tuple[Answer, ...]:
    """What the settings let answer a job; a recording comes before an earlier job."""
    clients = S3Clients()
    recorded = FromRecording(library, clients, settings.replay_speed)
    return (recorded, FromResults(results, clients)) if settings.reuse_results else (recorded,)
