"""CreateAutoMLJobV2: what is valid makes a job, once a name (tests/golden has what is not valid)."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.golden import filled, requests_by_name
from tests.support.requests import channel, text_generation, user_guide, with_value
from tests.support.schemas import check_response
from tests.support.server import JSON_1_1, Server


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


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc"),
     ("us-iso-west-1", "aws-iso"), ("us-isob-east-1", "aws-iso-b"), ("us-isof-south-1", "aws-iso-f")],
)  # fmt: skip
def test_a_job_is_in_the_region_that_a_signed_url_names(own_server: Server, region: str, partition: str) -> None:
    """The credential scope may stand in the query; the ARN begins with the partition of its region."""
    scope = f"test%2F20260101%2F{region}%2Fsagemaker%2Faws4_request"
    headers = {"Content-Type": JSON_1_1, "X-Amz-Target": "SageMaker.CreateAutoMLJobV2"}
    url = f"{own_server.url}/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Signature=0"
    made = requests.post(url, json=text_generation("done-signed-url"), headers=headers, timeout=30)
    arn = f"arn:{partition}:sagemaker:{region}:123456789012:automl-job/done-signed-url"
    assert made.json() == {"AutoMLJobArn": arn}
    elsewhere = own_server.client("sagemaker", region)
    assert elsewhere.describe_auto_ml_job_v2(AutoMLJobName="done-signed-url")["AutoMLJobArn"] == arn
    assert elsewhere.list_tags(ResourceArn=arn)["Tags"] == []


@pytest.mark.parametrize("bucket", ["data.s3files", "my.s3-data", "plain"])
@pytest.mark.parametrize("host", ["s3.us-east-1", "s3", "s3.dualstack.us-east-1", "s3-us-west-2"])
def test_an_https_uri_names_its_bucket_in_the_host(own_server: Server, bucket: str, host: str) -> None:
    """Virtual-hosted, the bucket is all before the name of S3's host, whatever is in it."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="d/facts.csv", Body=b"input,output\na,b\n")
    source = "AutoMLJobInputDataConfig.0.DataSource.S3DataSource.S3Uri"
    name = f"done-{zlib.crc32((bucket + host).encode())}"
    request = with_value(text_generation(name), source, f"https://{bucket}.{host}.amazonaws.com/d/facts.csv")
    assert own_server.client("sagemaker").create_auto_ml_job_v2(**request)["AutoMLJobArn"].endswith(name)


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
