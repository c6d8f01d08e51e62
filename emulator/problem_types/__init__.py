"""The problem types: those that AWS names, and those that the emulator trains."""

from collections.abc import Mapping
from typing import Any

from emulator.problem_types.problem_type import (
    OutOfTime,
    ProblemType,
    Progress,
    Report,
    TrainedCandidate,
    TrainingOrder,
)
from emulator.problem_types.text_generation.facts import TEXT_GENERATION

__all__ = [
    "CONFIG_NAMES",
    "PROBLEM_TYPES",
    "OutOfTime",
    "ProblemType",
    "Progress",
    "Report",
    "TrainedCandidate",
    "TrainingOrder",
    "problem_type_name",
]

CONFIG_NAMES: dict[str, str] = {
    "ImageClassificationJobConfig": "ImageClassification",
    "TextClassificationJobConfig": "TextClassification",
    "TimeSeriesForecastingJobConfig": "TimeSeriesForecasting",
    "TabularJobConfig": "Tabular",
    "TextGenerationJobConfig": "TextGeneration",
}
"""Member of AutoMLProblemTypeConfig to AutoMLProblemTypeConfigName."""

PROBLEM_TYPES: dict[str, ProblemType] = {TEXT_GENERATION.name: TEXT_GENERATION}
"""What the emulator trains, by AutoMLProblemTypeConfigName."""


def problem_type_name(request: Mapping[str, Any]) -> str:
    """AutoMLProblemTypeConfigName of a valid CreateAutoMLJobV2 request."""
    (member,) = request["AutoMLProblemTypeConfig"]
    return CONFIG_NAMES[member]
