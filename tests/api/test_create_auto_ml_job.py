"""CreateAutoMLJob, version 1: an honest refusal."""

import pytest
from botocore.exceptions import ClientError

from tests.support.golden import filled, requests_by_name
from tests.support.server import Server


def test_a_valid_request_is_refused_and_makes_no_job(own_server: Server, names: dict[str, str]) -> None:
    """The first version makes tabular jobs alone, so the emulator says that it does not train them."""
    request = filled(requests_by_name()["CreateAutoMLJob"]["request"], names) | {"AutoMLJobName": "version-1"}
    with pytest.raises(ClientError, match=r"does not train tabular jobs. Use CreateAutoMLJobV2.") as caught:
        own_server.client("sagemaker").create_auto_ml_job(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError, match="can't find an AutoML job called version-1"):
        own_server.describe("version-1")
