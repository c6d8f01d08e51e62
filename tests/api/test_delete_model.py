"""DeleteModel."""

import pytest
from botocore.exceptions import ClientError

from tests.support.hosting import make_endpoint, model
from tests.support.server import Server


def test_a_deleted_model_is_gone(own_server: Server) -> None:
    """The answer is an empty body, the model is not found any more, and its name is free."""
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_model(**model("delete-model"))
    answer = own_server.post("DeleteModel", {"ModelName": "delete-model"})
    assert (answer.status_code, answer.content) == (200, b"")
    with pytest.raises(ClientError, match='Could not find model "arn:aws:sagemaker:'):
        sagemaker.describe_model(ModelName="delete-model")
    sagemaker.create_model(**model("delete-model"))


def test_an_endpoint_goes_on_without_its_model(own_server: Server) -> None:
    """Deleting the model and the configuration of an endpoint leaves the endpoint in service."""
    make_endpoint(own_server, "delete-under")
    sagemaker = own_server.client("sagemaker")
    sagemaker.delete_model(ModelName="delete-under-model")
    sagemaker.delete_endpoint_config(EndpointConfigName="delete-under")
    answer = sagemaker.describe_endpoint(EndpointName="delete-under")
    assert (answer["EndpointStatus"], answer["EndpointConfigName"]) == ("InService", "delete-under")
