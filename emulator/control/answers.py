"""What answers a job in place of a fine-tune: a recording, or an earlier job that was asked the same."""

import threading
from typing import TYPE_CHECKING

from emulator import errors
from emulator.control.director import Answer
from emulator.control.outcomes import Outcome
from emulator.executors.scripted import Script
from emulator.problem_types import TrainingOrder
from emulator.recordings.copying import Copy
from emulator.recordings.library import Library
from emulator.recordings.player import Player
from emulator.recordings.results import Results, fingerprint
from emulator.settings import Settings

if TYPE_CHECKING:
    from emulator.storage.s3 import S3  # boto3, which a server that answers nothing itself does without


class Clients:
    """S3 as this process asks for it, one client for each region."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, S3] = {}

    def s3(self, order: TrainingOrder) -> "S3":
        """The client for an order; boto3's are safe to share, making them is not."""
        from emulator.storage.s3 import S3

        with self._lock:
            if order.region not in self._made:
                self._made[order.region] = S3(order.s3, order.region)
            return self._made[order.region]


class FromRecording:
    """Answers from the recording that the outcome names, or from the one of the library that matches."""

    def __init__(self, library: Library, clients: Clients, speed: float) -> None:
        self._library = library
        self._clients = clients
        self._speed = speed

    def __call__(self, order: TrainingOrder, outcome: Outcome) -> Script | None:
        """The script of the job. Raises JobFailure for a recording that cannot be read."""
        try:
            found = self._library.named(outcome.replay) if outcome.replay else self._library.matching(order)
        except ValueError as problem:
            raise errors.recording_unusable(outcome.replay or "a recording", str(problem)) from None
        if found is None:
            return None
        return Player(found, order, self._clients.s3(order), self._speed).script(outcome.seconds_per_stage)


class FromResults:
    """Answers from an earlier job that was asked the same, and keeps in mind what is asked of this one."""

    def __init__(self, results: Results, clients: Clients) -> None:
        self._results = results
        self._clients = clients

    def __call__(self, order: TrainingOrder, outcome: Outcome) -> Script | None:
        """The script of the job."""
        s3 = self._clients.s3(order)
        asked = fingerprint(order, s3)
        if asked is None:
            return None
        earlier = self._results.find(asked, s3)
        if earlier is None or earlier.candidate is None:
            self._results.remember(asked, order)
            return None
        return Copy(earlier, earlier.candidate, order, s3).script(outcome.seconds_per_stage)


def make_answers(settings: Settings, library: Library, results: Results) -> tuple[Answer, ...]:
    """What the settings let answer a job; a recording comes before an earlier job."""
    clients = Clients()
    recorded = FromRecording(library, clients, settings.replay_speed)
    return (recorded, FromResults(results, clients)) if settings.reuse_results else (recorded,)
