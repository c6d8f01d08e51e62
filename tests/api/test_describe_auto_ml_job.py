"""DescribeAutoMLJob, version 1: it cannot describe what CreateAutoMLJobV2 made."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.support.server import Server


def test_a_v2_job_is_refused_in_whatever_state(own_server: Server, hold: Callable[..., str]) -> None:
    """A running job of version 2 is refused under the name that it was made with."""
    hold("hold-V1")
    with pytest.raises(ClientError, match="The AutoML job hold-V1 was created with CreateAutoMLJobV2") as caught:
        own_server.client("sagemaker").describe_auto_ml_job(AutoMLJobName="HOLD-v1")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_unknown_job_is_not_found(own_server: Server) -> None:
    """The words are those that AWS gave to this very call, and boto3 raises its modelled error."""
    sagemaker = own_server.client("sagemaker")
    with pytest.raises(
        sagemaker.exceptions.ResourceNotFound, match="can't find an AutoML job called your-autopilot-job"
    ):
        sagemaker.describe_auto_ml_job(AutoMLJobName="your-autopilot-job")
