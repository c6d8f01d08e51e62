"""How the data may be split (user guide, "Optional parameters"; AutoMLDataSplitConfig)."""

from collections.abc import Mapping
from typing import Any

from emulator import errors


def check_data_split(request: Mapping[str, Any], problem_type: str) -> None:
    """A fraction between 0 and 1, for a single channel, and none for a time series. Raises ValidationException."""
    if problem_type == "TimeSeriesForecasting" and "DataSplitConfig" in request:
        raise errors.split_of_time_series()
    fraction = request.get("DataSplitConfig", {}).get("ValidationFraction")
    if fraction is None:
        return
    if len(request["AutoMLJobInputDataConfig"]) > 1:
        raise errors.fraction_with_two_channels()
    if not 0 < fraction < 1:
        raise errors.fraction_out_of_range(fraction)
