"""The rules inside TextGenerationJobConfig (user guide; TextGenerationJobConfig, ModelAccessConfig)."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.base_models.catalogue import BASE_MODEL_NAMES, base_model
from emulator.problem_types.text_generation.facts import HYPERPARAMETERS, HyperParameter, base_model_name


def check_text_generation(config: Mapping[str, Any]) -> None:
    """A base model of the list, its licence accepted, hyperparameters in their ranges. Raises ValidationException."""
    name = base_model_name(config)
    if name not in BASE_MODEL_NAMES:
        raise errors.unknown_base_model(name, BASE_MODEL_NAMES)
    if base_model(name).eula and not config.get("ModelAccessConfig", {}).get("AcceptEula", False):
        raise errors.eula_not_accepted(name)
    for hyperparameter, value in config.get("TextGenerationHyperParameters", {}).items():
        if hyperparameter not in HYPERPARAMETERS:
            raise errors.unknown_hyperparameter(hyperparameter, list(HYPERPARAMETERS))
        _check_hyperparameter(hyperparameter, value, HYPERPARAMETERS[hyperparameter])


def _check_hyperparameter(name: str, value: str, rule: HyperParameter) -> None:
    number = _number(value, rule)
    if number is None:
        kind = "an integer" if rule.type is int else "a floating-point"
        raise errors.hyperparameter_no_number(name, value, kind)
    if not rule.low <= number <= rule.high:
        raise errors.hyperparameter_out_of_range(name, value, rule.low, rule.high)


def _number(value: str, rule: HyperParameter) -> float | None:
    """The number that a value holds, written with digits: Python alone would take 1_0, inf and nan as well."""
    if not set(value) <= set("0123456789.-eE"):
        return None
    try:
        return rule.type(value)
    except ValueError:
        return None
