"""The AWS SDK for JavaScript, version 3, on Node.js."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from emulator.bundled import FIXTURES
from tests.clients.conftest import METRICS
from tests.clients.installation import HERE, JAVASCRIPT, installed


@pytest.fixture(scope="module", name="seen")
def _seen(report_of: Callable[..., Any]) -> Any:
    """What the program saw; it runs beside its packages, where Node.js looks for them."""
    program = shutil.copy(HERE / JAVASCRIPT / "job.js", installed(JAVASCRIPT))
    return report_of("node", program, FIXTURES / "datasets" / "facts_100.csv")


def test_job_completes_with_the_metrics_that_it_stored(seen: Any) -> None:
    """Dates are dates, and the metrics of the candidate are those of metrics.json in S3."""
    assert seen["arn"] == "arn:aws:sagemaker:us-east-1:123456789012:automl-job/javascript"
    assert seen["status"] == "Completed"
    assert seen["dates"] == [True, True]
    assert seen["candidates"] == 1
    assert seen["metrics"].keys() == METRICS
    assert seen["metrics"] == pytest.approx(seen["stored"]["metrics"], rel=1e-6)


def test_errors_have_their_classes(seen: Any) -> None:
    """Modelled errors come as the SDK's own classes, others with AWS's code and message; none is tried again."""
    assert seen["inUse"]
    assert seen["missing"]
    name, message, status, attempts = seen["invalid"]
    assert (name, status, attempts) == ("ValidationException", 400, 1)
    assert message.startswith("1 validation error detected: Value 'not_valid' at 'autoMLJobName'")


def test_throttled_call_is_tried_again(seen: Any) -> None:
    """A call that is throttled once is answered at the second try."""
    assert seen["throttled"] == 2


def test_job_can_be_stopped(seen: Any) -> None:
    """A stopped job ends Stopped."""
    assert seen["stopped"] == "Stopped"


def test_pages_bring_every_job_once(seen: Any) -> None:
    """The paginator follows NextToken over pages of one job, in the default order: by name, descending."""
    assert seen["names"] == ["javascript-stopped", "javascript"]


def test_deployed_model_answers(seen: Any) -> None:
    """The endpoint comes into service for the SDK's waiter, and its answer names the variant."""
    (answer,) = seen["answer"]["body"]
    assert isinstance(answer["generated_text"], str)
    assert seen["answer"]["variant"] == "all"
