"""DescribeEndpointConfig."""

from tests.support.hosting import config, make_config, model, variant
from tests.support.schemas import check_response
from tests.support.server import Server


def test_the_request_comes_back(own_server: Server) -> None:
    """The configuration is shown as it was made, with the documented default of InitialVariantWeight."""
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_model(**model("shown"))
    variants = [variant("shown", "A"), variant("shown", "B", InitialVariantWeight=0.5)]
    request = config("describe-config", *variants) | {"KmsKeyId": "key", "EnableNetworkIsolation": True}
    sagemaker.create_endpoint_config(**request)
    answer = own_server.post("DescribeEndpointConfig", {"EndpointConfigName": "describe-config"}).json()
    check_response("DescribeEndpointConfig", answer)
    assert isinstance(answer.pop("CreationTime"), float)
    assert answer.pop("EndpointConfigArn").endswith(":endpoint-config/describe-config")
    weighted = [variants[0] | {"InitialVariantWeight": 1.0}, variants[1]]
    assert answer == request | {"ProductionVariants": weighted}


def test_what_was_not_given_is_not_there(own_server: Server) -> None:
    """No DataCaptureConfig and no VpcConfig appear by themselves, neither full nor empty."""
    make_config(own_server, "describe-plain", "describe-plain")
    answer = own_server.post("DescribeEndpointConfig", {"EndpointConfigName": "describe-plain"}).json()
    assert answer.keys() == {
        "EndpointConfigName",
        "EndpointConfigArn",
        "ProductionVariants",
        "CreationTime",
        "EnableNetworkIsolation",
    }
