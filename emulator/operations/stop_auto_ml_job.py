"""StopAutoMLJob."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services


def stop_auto_ml_job(services: Services, call: Call, request: Mapping[str, Any]) -> None:
    """End a job that runs or waits; one that has ended stays as it is. Raises ResourceNotFound."""
    services.runner.stop(services.store.get(call.region, request["AutoMLJobName"]))
