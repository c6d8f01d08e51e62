"""The hyperparameters of a job: those of its request, and the local model's defaults for the rest."""

from collections.abc import Mapping
from typing import Any

from emulator.base_models.catalogue import LocalModel
from emulator.problem_types.text_generation.facts import HYPERPARAMETERS
from emulator.training.fit import HyperParameters


def resolved(config: Mapping[str, Any], model: LocalModel) -> HyperParameters:
    """Numbers for all four, from a valid TextGenerationJobConfig."""
    given = model.hyperparameters | config.get("TextGenerationHyperParameters", {})
    value = {name: rule.type(given[name]) for name, rule in HYPERPARAMETERS.items()}
    return HyperParameters(
        epochs=int(value["epochCount"]),
        batch_size=int(value["batchSize"]),
        learning_rate=float(value["learningRate"]),
        warmup_steps=int(value["learningRateWarmupSteps"]),
    )
