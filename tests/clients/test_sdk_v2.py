"""The SageMaker Python SDK, version 2: AutoMLV2 from fit to predict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import METRICS
from tests.clients.installation import HERE, installed


@pytest.fixture(scope="module", name="seen")
def _seen(report_of: Callable[..., Any]) -> Any:
    """What the program saw. Its fit alone takes 10 s or, where the job has not ended by then, 40 s and more."""
    return report_of(installed("sdk-v2") / "bin" / "python", Path(HERE, "programs", "sdk_v2.py"))


def test_session_asks_the_emulator_who_it_is(seen: Any) -> None:
    """With the one line of emulator.testing, STS answers: the account, the default bucket, a role by its bare name."""
    assert seen["account"] == "123456789012"
    assert seen["bucket"] == "sagemaker-us-east-1-123456789012"
    assert seen["role"] == "arn:aws:iam::123456789012:role/sdk-v2-role"


def test_fit_waits_until_the_job_is_completed(seen: Any) -> None:
    """fit() returns once the job has its metrics, and asks for no deployment that the user did not ask for."""
    assert seen["status"] == "Completed"
    assert seen["metrics"].keys() == METRICS
    assert seen["deployed"] is None


def test_attached_job_is_the_one_that_was_made(seen: Any) -> None:
    """attach() builds the same configuration, channels and tags again: nothing was added to what was sent."""
    config = seen["config"]["TextGenerationJobConfig"]
    assert config == {
        "BaseModelName": "Falcon7BInstruct",
        "TextGenerationHyperParameters": {"epochCount": "1"},
        "CompletionCriteria": {"MaxCandidates": 1},
    }
    (channel,) = seen["channels"]
    assert channel["DataSource"]["S3DataSource"]["S3Uri"].endswith("/input/facts_100.csv")
    assert seen["tags"] == [{"Key": "team", "Value": "green"}]


def test_candidate_can_be_taken_apart(seen: Any) -> None:
    """list_candidates() has the best candidate alone, and get_steps() describes the training job behind it."""
    assert seen["same_candidate"]
    (step,) = seen["steps"]
    assert step["type"] == "TrainingJob"
    assert step["description"]["TrainingJobName"] == step["name"]
    assert step["inputs"] == step["description"]["InputDataConfig"]


def test_deployed_model_answers(seen: Any) -> None:
    """deploy() makes an endpoint that predict() can ask, and delete_endpoint() ends it."""
    (answer,) = seen["answer"]
    assert isinstance(answer["generated_text"], str)
