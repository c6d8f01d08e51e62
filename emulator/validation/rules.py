"""The rules of CreateAutoMLJobV2 across members, and against S3: the first broken one is the error."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from emulator import errors
from emulator.base_models.catalogue import BASE_MODEL_NAMES
from emulator.problem_types.text_generation.facts import HYPERPARAMETERS, HyperParameter
from emulator.storage.layout import S3Uri, parse_s3_uri

Request = Mapping[str, Any]


def check_create(request: Request) -> None:
    """The rules that the request alone decides, in order. Raises ValidationException."""
    _check_channels(request["AutoMLJobInputDataConfig"])
    _check_validation_fraction(request)
    config = request["AutoMLProblemTypeConfig"].get("TextGenerationJobConfig")
    if config is not None:
        _check_base_model(config)
        _check_hyperparameters(config.get("TextGenerationHyperParameters", {}))


def check_s3(request: Request, region: str, any_under: Callable[[S3Uri], bool]) -> None:
    """The input data must be there. Raises ValidationException."""
    for channel in request["AutoMLJobInputDataConfig"]:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        location = parse_s3_uri(uri)
        if not any_under(location):
            raise errors.no_s3_objects(uri, region, request["RoleArn"], location.bucket)


def _check_channels(channels: list[Request]) -> None:
    types = Counter(channel.get("ChannelType", "training") for channel in channels)
    if "training" not in types:
        raise errors.no_training_channel()
    for channel_type, count in types.items():
        if count > 1:
            raise errors.repeated_channel_type(channel_type)
    if len({channel.get("ContentType") for channel in channels}) > 1:
        raise errors.differing_content_types()


def _check_validation_fraction(request: Request) -> None:
    fraction = request.get("DataSplitConfig", {}).get("ValidationFraction")
    if fraction is None:
        return
    if len(request["AutoMLJobInputDataConfig"]) > 1:
        raise errors.fraction_with_two_channels()
    if not 0 < fraction < 1:
        raise errors.fraction_out_of_range(fraction)


def _check_base_model(config: Request) -> None:
    name = config.get("BaseModelName")
    if name is not None and name not in BASE_MODEL_NAMES:
        raise errors.unknown_base_model(name, BASE_MODEL_NAMES)


def _check_hyperparameters(given: Mapping[str, str]) -> None:
    for name, value in given.items():
        if name not in HYPERPARAMETERS:
            raise errors.unknown_hyperparameter(name, list(HYPERPARAMETERS))
        _check_hyperparameter(name, value, HYPERPARAMETERS[name])


def _check_hyperparameter(name: str, value: str, rule: HyperParameter) -> None:
    kind = "an integer" if rule.type is int else "a number"
    try:
        number = rule.type(value)
    except ValueError:
        number = math.nan
    if "_" in value or not rule.low <= number <= rule.high:  # Python reads 1_0 as a number, Java does not
        raise errors.bad_hyperparameter(name, value, f"{kind} between {rule.low:g} and {rule.high:g}")
