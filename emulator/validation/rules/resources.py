"""What a job may use (AutoMLJobCompletionCriteria, EmrServerlessComputeConfig)."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.validation.rules.documented import DOCUMENTED


def check_resources(request: Mapping[str, Any], problem_type: str) -> None:
    """As many candidates as the problem type trains, and EMR where it can begin. Raises ValidationException."""
    documented = DOCUMENTED[problem_type]
    (config,) = request["AutoMLProblemTypeConfig"].values()
    if config.get("CompletionCriteria", {}).get("MaxCandidates", 1) > documented.candidates:
        raise errors.too_many_candidates(problem_type, documented.candidates)
    if "EmrServerlessComputeConfig" in request.get("AutoMLComputeConfig", {}) and not documented.emr_serverless:
        raise errors.compute_not_supported(problem_type)
