"""Which objective a job may have (CreateAutoMLJobV2, AutoMLJobObjective)."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.validation.rules.documented import DOCUMENTED, TABULAR_METRICS


def check_objective(request: Mapping[str, Any], problem_type: str) -> None:
    """A metric of the problem type, where there is a choice. Raises ValidationException."""
    metric = request.get("AutoMLJobObjective", {}).get("MetricName")
    if problem_type == "Tabular":
        _check_tabular(metric, request["AutoMLProblemTypeConfig"]["TabularJobConfig"].get("ProblemType"))
    elif metric is not None:
        _check_metric(metric, problem_type, DOCUMENTED[problem_type].metrics)


def _check_tabular(metric: str | None, problem_type: str | None) -> None:
    if metric is None and problem_type is not None:
        raise errors.problem_type_without_objective()
    if metric is not None and problem_type is None:
        raise errors.objective_without_problem_type()
    if metric is not None and problem_type is not None:
        _check_metric(metric, problem_type, TABULAR_METRICS[problem_type])


def _check_metric(metric: str, problem_type: str, supported: tuple[str, ...]) -> None:
    if not supported:
        raise errors.objective_not_supported(problem_type)
    if metric not in supported:
        raise errors.unsupported_metric(metric, problem_type, supported)
