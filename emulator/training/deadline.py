"""How long a training job may go on, and by which of the request's limits."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

JOB = "MaxAutoMLJobRuntimeInSeconds"
TRAINING_JOB = "MaxRuntimePerTrainingJobInSeconds"
LONGEST_TRAINING_JOB = 259_200
"""What the service sets for text generation where a request sets no limit of a training job: 72 hours (documented)."""


class Deadline(NamedTuple):
    """When the training job has to be over, stored artifacts included, and the limit that says so."""

    limit: str
    at: float
    """On the clock of `time.monotonic`."""

    def comes_within(self, seconds: float) -> bool:
        """Whether there is no time for something that takes so long."""
        return time.monotonic() + seconds >= self.at


def deadline_from_now(criteria: Mapping[str, Any], job_deadline: float) -> Deadline:
    """The earlier one of the limits of a CompletionCriteria, for a training job that begins now.

    `job_deadline` is the whole job's, on the clock of `time.monotonic`.
    """
    now = time.monotonic()
    longest = min(criteria.get(TRAINING_JOB, LONGEST_TRAINING_JOB), LONGEST_TRAINING_JOB)
    ends = [Deadline(JOB, job_deadline), Deadline(TRAINING_JOB, now + longest)]
    return min(ends, key=lambda end: end.at)
