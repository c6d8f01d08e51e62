"""A recording without its model: its candidate has all its numbers, and whoever would deploy it is told why not."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator import errors
from emulator.testing import RunningEmulator
from tests.recordings.test_replay import replaying, run
from tests.support.requests import ROLE, text_generation, with_value


@pytest.fixture(scope="module", name="emulator")
def _emulator() -> Iterator[RunningEmulator]:
    with replaying(replay="bundled") as emulator:
        yield emulator


@pytest.mark.parametrize("config", [{"AutoGenerateEndpointName": True}, {"EndpointName": "mine"}])
def test_job_that_asks_for_an_endpoint_says_that_there_is_no_model(
    emulator: RunningEmulator, config: dict[str, Any]
) -> None:
    """ModelDeploymentError with a reason that names the recording, the candidate as it is, and no endpoint left."""
    name = f"deploy-{next(iter(config)).lower()}"
    request = with_value(text_generation(name), "ModelDeployConfig", config)
    emulator.client("sagemaker").create_auto_ml_job_v2(**request)
    job = emulator.wait(name, 30)
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Completed", "ModelDeploymentError")
    container = job["BestCandidate"]["InferenceContainers"][0]
    assert job["FailureReason"] == str(errors.replayed_without_model("tiny-decoder", container["ModelDataUrl"]))
    assert job["ModelDeployResult"] == {}
    assert emulator.client("sagemaker").list_endpoints()["Endpoints"] == []


def test_candidate_is_not_deployed_by_hand(emulator: RunningEmulator) -> None:
    """CreateModel refuses a model whose artifact is not there, as AWS does, and so nothing comes of it."""
    container = run(emulator, "by-hand")["BestCandidate"]["InferenceContainers"][0]
    with pytest.raises(ClientError) as caught:
        emulator.client("sagemaker").create_model(ModelName="m", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert container["ModelDataUrl"] in error["Message"]
