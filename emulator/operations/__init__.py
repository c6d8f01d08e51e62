"""The API operations: one file each, named after the boto3 method."""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.operations.add_tags import add_tags
from emulator.operations.create_auto_ml_job import create_auto_ml_job
from emulator.operations.create_auto_ml_job_v2 import create_auto_ml_job_v2
from emulator.operations.delete_tags import delete_tags
from emulator.operations.describe_auto_ml_job import describe_auto_ml_job
from emulator.operations.describe_auto_ml_job_v2 import describe_auto_ml_job_v2
from emulator.operations.list_auto_ml_jobs import list_auto_ml_jobs
from emulator.operations.list_candidates_for_auto_ml_job import list_candidates_for_auto_ml_job
from emulator.operations.list_tags import list_tags
from emulator.operations.stop_auto_ml_job import stop_auto_ml_job
from emulator.protocol import Call
from emulator.services import Services
from emulator.validation import constraints

Operation = Callable[[Services, Call, Mapping[str, Any]], dict[str, Any] | None]

OPERATIONS: dict[str, Operation] = {
    "AddTags": add_tags,
    "CreateAutoMLJob": create_auto_ml_job,
    "CreateAutoMLJobV2": create_auto_ml_job_v2,
    "DeleteTags": delete_tags,
    "DescribeAutoMLJob": describe_auto_ml_job,
    "DescribeAutoMLJobV2": describe_auto_ml_job_v2,
    "ListAutoMLJobs": list_auto_ml_jobs,
    "ListCandidatesForAutoMLJob": list_candidates_for_auto_ml_job,
    "ListTags": list_tags,
    "StopAutoMLJob": stop_auto_ml_job,
}
"""API name to the function that answers it. Each gets the request that passed the constraints of its schema."""


def answer(services: Services, call: Call) -> dict[str, Any] | None:
    """The response to a call; None where the operation has no output. Raises ApiError."""
    request = constraints.check(call.operation, call.request)
    return OPERATIONS[call.operation](services, call, request)
