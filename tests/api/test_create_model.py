"""CreateModel."""

from typing import Any

import pytest

from tests.support.hosting import ARTIFACT, IMAGE, model
from tests.support.requests import BUCKET
from tests.support.schemas import check_response
from tests.support.server import Server


def test_a_model_is_made_at_once(own_server: Server) -> None:
    """The answer is the ARN, with the name's case kept."""
    answer = own_server.post("CreateModel", model("create-Model")).json()
    check_response("CreateModel", answer)
    assert answer == {"ModelArn": "arn:aws:sagemaker:us-east-1:123456789012:model/create-Model"}


@pytest.mark.parametrize(
    "container",
    [
        {"Image": IMAGE},
        {"Image": IMAGE, "ModelDataUrl": ARTIFACT, "Mode": "SingleModel"},
        {
            "Image": IMAGE,
            "ModelDataSource": {
                "S3DataSource": {"S3Uri": ARTIFACT, "S3DataType": "S3Object", "CompressionType": "Gzip"}
            },
        },
        {
            "Image": IMAGE,
            "ModelDataSource": {
                "S3DataSource": {"S3Uri": f"s3://{BUCKET}/input/", "S3DataType": "S3Prefix", "CompressionType": "None"}
            },
        },
    ],
)
def test_every_form_of_an_artifact_is_accepted(own_server: Server, container: dict[str, Any]) -> None:
    """No artifact, a URL, an object and a prefix are all models, whatever they hold, and are shown as they came."""
    name = f"form-{abs(hash(str(container)))}"
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_model(ModelName=name, Containers=[container])
    (shown,) = sagemaker.describe_model(ModelName=name)["Containers"]
    assert shown == container | {"Mode": "SingleModel"}


def test_tags_of_the_request_are_those_of_the_model(own_server: Server) -> None:
    """ListTags shows what CreateModel gave, and a model of that name that is made anew has none of them."""
    sagemaker = own_server.client("sagemaker")
    tags = [{"Key": "team", "Value": "green"}]
    arn = sagemaker.create_model(**model("create-tagged"), Tags=tags)["ModelArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
    sagemaker.delete_model(ModelName="create-tagged")
    sagemaker.create_model(**model("create-tagged"))
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []
