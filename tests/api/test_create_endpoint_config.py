"""CreateEndpointConfig."""

from typing import Any

import pytest

from tests.support.hosting import config, model, variant
from tests.support.schemas import check_response
from tests.support.server import Server


@pytest.fixture(scope="module", name="model_name")
def _model_name(own_server: Server) -> str:
    own_server.client("sagemaker").create_model(**model("configured"))
    return "configured"


def test_a_configuration_is_made_at_once(own_server: Server, model_name: str) -> None:
    """The answer is the ARN."""
    answer = own_server.post("CreateEndpointConfig", config("create-config", variant(model_name))).json()
    check_response("CreateEndpointConfig", answer)
    assert answer == {"EndpointConfigArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/create-config"}


@pytest.mark.parametrize(
    "instance", ["ml.g5.12xlarge", "ml.g5.8xlarge", "ml.p5.48xlarge", "ml.t2.medium", "ml.inf2.xlarge"]
)
def test_todays_instance_types_are_known(own_server: Server, model_name: str, instance: str) -> None:
    """What moto's list of old types refuses is accepted, what the guide recommends for LLMs first of all."""
    name = "create-" + instance.replace(".", "-")
    own_server.client("sagemaker").create_endpoint_config(**config(name, variant(model_name, InstanceType=instance)))


@pytest.mark.parametrize(
    "capacity",
    [
        {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}},
        {"InstancePools": [{"InstanceType": "ml.g5.xlarge", "Priority": 1}], "InitialInstanceCount": 1},
    ],
)
def test_variants_need_no_instance_type(own_server: Server, model_name: str, capacity: dict[str, Any]) -> None:
    """A serverless variant, and one on pools of instances, are complete without InstanceType."""
    name = f"create-{next(iter(capacity))}"
    only = {"VariantName": "AllTraffic", "ModelName": model_name} | capacity
    own_server.client("sagemaker").create_endpoint_config(EndpointConfigName=name, ProductionVariants=[only])
