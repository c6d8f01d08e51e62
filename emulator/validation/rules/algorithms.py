"""Which algorithms a job may select (CandidateGenerationConfig, AutoMLAlgorithmConfig)."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator import errors


def selected_algorithms(config: Mapping[str, Any]) -> list[str]:
    """The algorithms that a problem type configuration names; none stands for all (CandidateGenerationConfig)."""
    choices = config.get("CandidateGenerationConfig", {}).get("AlgorithmsConfig", ())
    return [algorithm for choice in choices for algorithm in choice["AutoMLAlgorithms"]]


def check_algorithms(selected: Sequence[str], what: str, supported: Sequence[str]) -> None:
    """Each algorithm is on the list of `what`. Raises ValidationException."""
    for algorithm in selected:
        if algorithm not in supported:
            raise errors.algorithm_not_supported(algorithm, what, supported)
