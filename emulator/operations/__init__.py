"""The API operations: one file each, named after the boto3 method."""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.operations.add_tags import add_tags
from emulator.operations.create_auto_ml_job import create_auto_ml_job
from emulator.operations.create_auto_ml_job_v2 import create_auto_ml_job_v2
from emulator.operations.create_endpoint import create_endpoint
from emulator.operations.create_endpoint_config import create_endpoint_config
from emulator.operations.create_model import create_model
from emulator.operations.delete_endpoint import delete_endpoint
from emulator.operations.delete_endpoint_config import delete_endpoint_config
from emulator.operations.delete_model import delete_model
from emulator.operations.delete_tags import delete_tags
from emulator.operations.describe_auto_ml_job import describe_auto_ml_job
from emulator.operations.describe_auto_ml_job_v2 import describe_auto_ml_job_v2
from emulator.operations.describe_endpoint import describe_endpoint
from emulator.operations.describe_endpoint_config import describe_endpoint_config
from emulator.operations.describe_model import describe_model
from emulator.operations.describe_training_job import describe_training_job
from emulator.operations.list_auto_ml_jobs import list_auto_ml_jobs
from emulator.operations.list_candidates_for_auto_ml_job import list_candidates_for_auto_ml_job
from emulator.operations.list_endpoint_configs import list_endpoint_configs
from emulator.operations.list_endpoints import list_endpoints
from emulator.operations.list_models import list_models
from emulator.operations.list_tags import list_tags
from emulator.operations.list_training_jobs import list_training_jobs
from emulator.operations.stop_auto_ml_job import stop_auto_ml_job
from emulator.operations.update_endpoint import update_endpoint
from emulator.operations.update_endpoint_weights_and_capacities import update_endpoint_weights_and_capacities
from emulator.protocol import Call
from emulator.services import Services
from emulator.validation import constraints

Operation = Callable[[Services, Call, Mapping[str, Any]], dict[str, Any] | None]

OPERATIONS: dict[str, Operation] = {
    "AddTags": add_tags,
    "CreateAutoMLJob": create_auto_ml_job,
    "CreateAutoMLJobV2": create_auto_ml_job_v2,
    "CreateEndpoint": create_endpoint,
    "CreateEndpointConfig": create_endpoint_config,
    "CreateModel": create_model,
    "DeleteEndpoint": delete_endpoint,
    "DeleteEndpointConfig": delete_endpoint_config,
    "DeleteModel": delete_model,
    "DeleteTags": delete_tags,
    "DescribeAutoMLJob": describe_auto_ml_job,
    "DescribeAutoMLJobV2": describe_auto_ml_job_v2,
    "DescribeEndpoint": describe_endpoint,
    "DescribeEndpointConfig": describe_endpoint_config,
    "DescribeModel": describe_model,
    "DescribeTrainingJob": describe_training_job,
    "ListAutoMLJobs": list_auto_ml_jobs,
    "ListCandidatesForAutoMLJob": list_candidates_for_auto_ml_job,
    "ListEndpointConfigs": list_endpoint_configs,
    "ListEndpoints": list_endpoints,
    "ListModels": list_models,
    "ListTags": list_tags,
    "ListTrainingJobs": list_training_jobs,
    "StopAutoMLJob": stop_auto_ml_job,
    "UpdateEndpoint": update_endpoint,
    "UpdateEndpointWeightsAndCapacities": update_endpoint_weights_and_capacities,
}
"""API name to the function that answers it. Each gets the request that passed the constraints of its schema."""

_CREATING = ("Create", "Update", "Add")
"""How operations begin that make what is to be kept; one that stops or deletes helps even where nothing is."""


def answer(services: Services, call: Call) -> dict[str, Any] | None:
    """The response to a call; None where the operation has no output. Raises ApiError."""
    request = constraints.check(call.operation, call.request)
    if call.operation.startswith(_CREATING):
        services.check_data()
    return OPERATIONS[call.operation](services, call, request)
