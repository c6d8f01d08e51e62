"""Text generation: names, metrics and hyperparameters as AWS documents them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.base_models.catalogue import DEFAULT_BASE_MODEL
from emulator.problem_types.problem_type import ProblemType

DEFAULT_VALIDATION_FRACTION = 0.2
"""Of the rows of a single channel, where ValidationFraction is not set (user guide)."""


class HyperParameter(NamedTuple):
    """A number given as a string: its type and its range, both ends included."""

    type: type[int] | type[float]
    low: float
    high: float


HYPERPARAMETERS: dict[str, HyperParameter] = {
    "epochCount": HyperParameter(int, 1, 10),
    "batchSize": HyperParameter(int, 1, 64),
    "learningRate": HyperParameter(float, 0, 1),
    "learningRateWarmupSteps": HyperParameter(int, 0, 250),
}
"""TextGenerationHyperParameters, from the user guide."""


def base_model_name(config: Mapping[str, Any]) -> str:
    """BaseModelName of a TextGenerationJobConfig, or the service's default."""
    name: str = config.get("BaseModelName", DEFAULT_BASE_MODEL)
    return name


def _resolved_attributes(config: Mapping[str, Any]) -> dict[str, Any]:
    return {"TextGenerationResolvedAttributes": {"BaseModelName": base_model_name(config)}}


TEXT_GENERATION = ProblemType(
    name="TextGeneration",
    config="TextGenerationJobConfig",
    metrics={
        "Rouge1": "Validation",
        "Rouge2": "Validation",
        "RougeL": "Validation",
        "RougeLSum": "Validation",
        "Perplexity": "Validation",
        "ValidationLoss": "Validation",
        "TrainingLoss": "Train",
    },
    resolved_attributes=_resolved_attributes,
    trainer="emulator.problem_types.text_generation.train",
)
