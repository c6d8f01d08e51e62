"""The rules of requests across members, and against S3: the first broken one is the error.

Those of CreateAutoMLJobV2 are put together here; those of models, endpoints and tags are handed on. Their sources are
the API reference (in botocore's service model) and the developer guide; each error names its own. AWS documents no
order among them: those of a job come from the data to the model to what is done with it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.problem_types import problem_type_name
from emulator.validation.rules.access import check_keys, check_role
from emulator.validation.rules.channels import check_channels
from emulator.validation.rules.data_formats import check_data_formats
from emulator.validation.rules.data_split import check_data_split
from emulator.validation.rules.deployment import check_deployment
from emulator.validation.rules.hosting import check_endpoint_config, check_model, check_variant_names
from emulator.validation.rules.hosting_updates import check_deployment_config, check_endpoint_update
from emulator.validation.rules.objective import check_objective
from emulator.validation.rules.resources import check_resources
from emulator.validation.rules.s3 import ObjectIndex, check_s3
from emulator.validation.rules.tabular import check_tabular
from emulator.validation.rules.tags import check_tag_keys
from emulator.validation.rules.text_classification import check_text_classification
from emulator.validation.rules.text_generation import check_text_generation
from emulator.validation.rules.time_series import check_time_series

__all__ = [
    "ObjectIndex",
    "check_create",
    "check_deployment_config",
    "check_endpoint_config",
    "check_endpoint_update",
    "check_model",
    "check_s3",
    "check_tag_keys",
    "check_variant_names",
]

_OF_PROBLEM_TYPES: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "Tabular": check_tabular,
    "TextClassification": check_text_classification,
    "TextGeneration": check_text_generation,
    "TimeSeriesForecasting": check_time_series,
}


def check_create(request: Mapping[str, Any]) -> None:
    """The rules that the request alone decides, in order. Raises ValidationException."""
    name = problem_type_name(request)
    (config,) = request["AutoMLProblemTypeConfig"].values()
    check_channels(request["AutoMLJobInputDataConfig"])
    check_data_formats(request["AutoMLJobInputDataConfig"], name)
    check_data_split(request, name)
    if name in _OF_PROBLEM_TYPES:
        _OF_PROBLEM_TYPES[name](config)
    check_objective(request, name)
    check_resources(request, name)
    check_deployment(request)
    check_tag_keys(request.get("Tags", ()))
    check_keys(request)
    check_role(request["RoleArn"])
