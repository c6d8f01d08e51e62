"""DescribeTrainingJob, for the training job that is a candidate's only step; others are moto's."""

from collections.abc import Mapping
from typing import Any

from emulator.jobs.training_jobs import describe_training_job as description_of
from emulator.jobs.training_jobs import find
from emulator.protocol import Call
from emulator.services import Services


def describe_training_job(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """The training job as the record of its AutoML job has it. Raises ValidationException."""
    return description_of(find(services.store, call.region, request["TrainingJobName"]))
