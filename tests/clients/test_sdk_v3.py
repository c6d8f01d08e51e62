"""sagemaker-core, the core of the SageMaker Python SDK's version 3: AutoMLJobV2, Model, Endpoint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import METRICS
from tests.clients.installation import HERE, installed


@pytest.fixture(scope="module", name="seen")
def _seen(report_of: Callable[..., Any]) -> Any:
    return report_of(installed("sdk-v3") / "bin" / "python", Path(HERE, "programs", "sdk_v3.py"))


def test_job_is_waited_for_to_its_metrics(seen: Any) -> None:
    """create(), wait() and get() end with a best candidate and its seven metrics, through the SDK's own types."""
    assert seen["bucket"] == "sagemaker-us-east-1-123456789012"
    assert seen["status"] == "Completed"
    assert seen["metrics"].keys() == METRICS


def test_failed_job_is_told_as_the_sdk_tells_it(seen: Any) -> None:
    """wait() raises FailedStatusError with the job's FailureReason."""
    assert "one_column.csv" in seen["failure"]


def test_error_of_a_missing_job_keeps_its_code(seen: Any) -> None:
    """get() of a job that is not there raises ResourceNotFound, at once: it is no error to try again."""
    assert seen["missing"] == "ResourceNotFound"


def test_deployed_model_answers(seen: Any) -> None:
    """Model, EndpointConfig and Endpoint go through the SDK's strict types, and invoke() brings generated text."""
    (answer,) = seen["answer"]
    assert isinstance(answer["generated_text"], str)
