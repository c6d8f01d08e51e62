"""The rules inside TabularJobConfig (AutoMLAlgorithmConfig, TabularJobConfig)."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.validation.rules.algorithms import check_algorithms, selected_algorithms
from emulator.validation.rules.documented import TABULAR_ALGORITHMS


def check_tabular(config: Mapping[str, Any]) -> None:
    """Algorithms of the mode; sample weights in ensembling mode only. Raises ValidationException.

    AUTO may become ENSEMBLING, and no default of Mode is documented: neither excludes sample weights.
    """
    mode = config.get("Mode")
    algorithms = selected_algorithms(config)
    if mode == "AUTO" and algorithms:
        raise errors.algorithms_in_auto_mode()
    if mode in TABULAR_ALGORITHMS:
        check_algorithms(algorithms, f"Mode {mode}", TABULAR_ALGORITHMS[mode])
    else:
        of_any_mode = sorted(set().union(*TABULAR_ALGORITHMS.values()))
        check_algorithms(algorithms, "problem type Tabular", of_any_mode)
    if "SampleWeightAttributeName" in config and mode == "HYPERPARAMETER_TUNING":
        raise errors.sample_weights_not_supported(mode)
