"""The rules inside TimeSeriesForecastingJobConfig (TimeSeriesTransformations, AutoMLAlgorithmConfig)."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.validation.rules.algorithms import check_algorithms, selected_algorithms
from emulator.validation.rules.documented import ALSO_FILLINGS, TIME_SERIES_ALGORITHMS, TIME_SERIES_FILLINGS


def check_time_series(config: Mapping[str, Any]) -> None:
    """Fillings and aggregations as each column may have them; algorithms of the list. Raises ValidationException."""
    target = config["TimeSeriesConfig"]["TargetAttributeName"]
    transformations = config.get("Transformations", {})
    for column, fillings in transformations.get("Filling", {}).items():
        _check_fillings(column, fillings, target)
    for column in transformations.get("Aggregation", {}):
        if column != target:
            raise errors.aggregation_not_supported(column)
    check_algorithms(selected_algorithms(config), "problem type TimeSeriesForecasting", TIME_SERIES_ALGORITHMS)


def _check_fillings(column: str, fillings: Mapping[str, str], target: str) -> None:
    for method, options in TIME_SERIES_FILLINGS.items():
        option = fillings.get(method)
        if option is None:
            continue
        if option not in options and (method == "frontfill" or option not in ALSO_FILLINGS):
            raise errors.unsupported_filling(method, option, options)
        if method == "frontfill" and column != target:
            raise errors.front_filling_not_supported(column)
        if option == "value" and f"{method}_value" not in fillings:
            raise errors.filling_value_missing(method, column)
