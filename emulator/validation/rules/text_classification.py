"""The rule inside TextClassificationJobConfig."""

from collections.abc import Mapping
from typing import Any

from emulator import errors


def check_text_classification(config: Mapping[str, Any]) -> None:
    """The sentences and their labels are two columns. Raises ValidationException."""
    if config["ContentColumn"] == config["TargetLabelColumn"]:
        raise errors.same_columns(config["ContentColumn"])
