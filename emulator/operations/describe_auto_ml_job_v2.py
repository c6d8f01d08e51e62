"""DescribeAutoMLJobV2."""

from collections.abc import Mapping
from typing import Any

from emulator.jobs.descriptions import describe_job_v2
from emulator.protocol import Call
from emulator.services import Services


def describe_auto_ml_job_v2(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """The job as its record has it. Raises ResourceNotFound."""
    return describe_job_v2(services.store.get(call.region, request["AutoMLJobName"]))
