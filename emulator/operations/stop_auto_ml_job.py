"""StopAutoMLJob."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.protocol import Call
from emulator.services import Services


def stop_auto_ml_job(services: Services, call: Call, request: Mapping[str, Any]) -> None:
    """End a job that runs or waits; one that is stopping already goes on doing so.

    Raises ResourceNotFound, and ValidationException for a job that has ended.
    """
    job = services.store.get(call.region, request["AutoMLJobName"])
    if job.ended is not None:
        raise errors.job_already_ended(job.status)
    services.runner.stop(job)
