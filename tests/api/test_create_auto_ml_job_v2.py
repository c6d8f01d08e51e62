"""CreateAutoMLJobV2: what is valid makes a job, once a name (tests/golden has what is not valid)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.golden import filled, requests_by_name
from tests.support.requests import channel, text_generation, user_guide, with_value
from tests.support.schemas import check_response
from tests.support.server import Server


@pytest.mark.parametrize("hyperparameters", [False, True])
def test_the_requests_of_the_user_guide_are_accepted(own_server: Server, hyperparameters: bool) -> None:
    """Both JSON examples of AWS's user guide make a job as they stand, only names filled in."""
    name = f"done-guide-{hyperparameters}"
    response = own_server.post("CreateAutoMLJobV2", user_guide(name, hyperparameters=hyperparameters))
    check_response("CreateAutoMLJobV2", response.json())
    assert response.text == f'{{"AutoMLJobArn":"arn:aws:sagemaker:us-east-1:123456789012:automl-job/{name}"}}'
    own_server.wait(name, "Completed")


def test_a_validation_channel_is_accepted(own_server: Server) -> None:
    """One channel to train on and one to validate on make a job that shows both."""
    channels = [channel("input/facts.csv", "validation"), channel("input/facts.csv")]
    own_server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-two-channels", *channels))
    assert own_server.describe("done-two-channels")["AutoMLJobInputDataConfig"] == channels


@pytest.mark.parametrize(
    "problem_type", ["Tabular", "TextClassification", "ImageClassification", "TimeSeriesForecasting"]
)
def test_a_job_that_is_not_trained_fails_with_a_reason(
    own_server: Server, names: dict[str, str], problem_type: str
) -> None:
    """A valid job of another problem type is made, and fails saying that it is not trained here."""
    request = filled(requests_by_name()[problem_type]["request"], names)
    request["AutoMLJobName"] = f"done-other-{problem_type}"[:32]
    own_server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = own_server.wait(request["AutoMLJobName"], "Failed")
    assert job["AutoMLProblemTypeConfigName"] == problem_type
    assert f"does not train {problem_type} jobs" in job["FailureReason"]


def test_a_name_is_unique_whatever_its_case(own_server: Server) -> None:
    """A name is taken in every spelling, and the error repeats the one that was asked for."""
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_auto_ml_job_v2(**text_generation("done-Unique"))
    with pytest.raises(ClientError, match="with the name, DONE-unique, already exists") as caught:
        sagemaker.create_auto_ml_job_v2(**text_generation("DONE-unique"))
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"


def test_a_name_is_unique_to_its_region(own_server: Server) -> None:
    """The same name makes another job in another region, and neither region shows the other's."""
    elsewhere = replace(own_server, region="eu-west-1")
    for server in (own_server, elsewhere):
        server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-regional"))
    arns = [server.describe("done-regional")["AutoMLJobArn"] for server in (own_server, elsewhere)]
    assert [arn.split(":")[3] for arn in arns] == ["us-east-1", "eu-west-1"]


def test_of_many_at_once_one_gets_the_name(own_server: Server) -> None:
    """Requests that race for one name make exactly one job."""

    def create(_: int) -> int:
        return own_server.post("CreateAutoMLJobV2", text_generation("done-race")).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [200] + [400] * 7


def test_tags_of_the_request_are_those_of_the_job(own_server: Server) -> None:
    """Tags are kept with the job, in their order, and Describe does not show them."""
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "größe", "Value": ""}]
    sagemaker = own_server.client("sagemaker")
    arn = sagemaker.create_auto_ml_job_v2(**text_generation("done-tagged"), Tags=tags)["AutoMLJobArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
    assert "Tags" not in own_server.describe("done-tagged")


def test_unknown_and_null_members_are_left_out_of_the_description(own_server: Server) -> None:
    """What AWS does not know and what is null is not part of the job."""
    request: dict[str, Any] = with_value(text_generation("done-unknown"), "OutputDataConfig.Colour", "blue")
    assert own_server.post("CreateAutoMLJobV2", request | {"ModelDeployConfig": None, "Size": 5}).status_code == 200
    job = own_server.describe("done-unknown")
    assert job["OutputDataConfig"] == text_generation("done-unknown")["OutputDataConfig"]
    assert not {"ModelDeployConfig", "Size"} & job.keys()
