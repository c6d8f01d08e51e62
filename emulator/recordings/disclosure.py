"""What a job says that was not trained: that it is the copy of another run, and of which."""

import json
from collections.abc import Mapping
from typing import Any

VARIABLE = "AUTOML_EMULATOR_REPLAYED"
"""In the container's Environment: the recording, or the ARN of the earlier job."""

ARTIFACTS = "AUTOML_EMULATOR_ARTIFACTS"
"""In the container's Environment: where the candidate's objects are."""

MEMBER = "replayed"
"""In metrics.json."""


def disclosed_metrics(text: str, job: str, candidate: str, source: Mapping[str, Any]) -> str:
    """`metrics.json` of another run, for this job and with its source."""
    content = json.loads(text) | {"job": job, "candidate": candidate, MEMBER: dict(source)}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def disclosed_log(text: str, own: str) -> str:
    """`training.log` of another run, under what this job's own log says."""
    return f"{own}--- the log of that run:\n{text}"


def ended_early(metrics: str) -> bool:
    """Whether a limit on time ended the other run's training, by its `metrics.json`."""
    return json.loads(metrics).get("ended_early_by") is not None
