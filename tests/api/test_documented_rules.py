"""The list of what AWS documents for CreateAutoMLJobV2: every rule has its cases, or a reason to have none."""

import json
from typing import Any

import pytest

from tests.support.golden import GOLDEN, accepted, faults

RULES: list[dict[str, Any]] = json.loads((GOLDEN / "documented_rules.json").read_text(encoding="utf-8"))
FAULTS = {fault.name for fault in faults()}
ACCEPTED = {case.name for case in accepted()}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule["rule"]) for rule in RULES])
def test_a_documented_rule_has_its_cases(rule: dict[str, Any]) -> None:
    """A rule names its page, and golden cases that are there or why the request alone does not decide it."""
    assert rule["page"]
    assert rule.keys() & {"refused", "accepted", "not_judged"}
    assert set(rule.get("refused", ())) <= FAULTS
    assert set(rule.get("accepted", ())) <= ACCEPTED


def test_every_shape_that_can_be_wrong_is_listed() -> None:
    """Each structure of the request appears among the pages."""
    pages = {rule["page"].removeprefix("API reference, ") for rule in RULES}
    structures = {
        "AutoMLJobChannel",
        "AutoMLS3DataSource",
        "AutoMLOutputDataConfig",
        "AutoMLProblemTypeConfig",
        "AutoMLJobCompletionCriteria",
        "TextClassificationJobConfig",
        "TimeSeriesForecastingJobConfig",
        "TimeSeriesTransformations",
        "TimeSeriesConfig",
        "HolidayConfigAttributes",
        "CandidateGenerationConfig",
        "AutoMLAlgorithmConfig",
        "TabularJobConfig",
        "TextGenerationJobConfig",
        "ModelAccessConfig",
        "AutoMLSecurityConfig",
        "AutoMLJobObjective",
        "ModelDeployConfig",
        "AutoMLDataSplitConfig",
        "AutoMLComputeConfig",
    }
    assert structures <= pages
