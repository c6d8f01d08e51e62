"""UpdateEndpointWeightsAndCapacities."""

import pytest
from botocore.exceptions import ClientError

from tests.support.hosting import make_endpoint, wait_for
from tests.support.schemas import check_response
from tests.support.server import Server
from tests.support.stub_servers import StubServers


def test_weights_and_capacities_change(own_server: Server, model_servers: StubServers) -> None:
    """Those that are named change, the others stay, and so do all servers."""
    make_endpoint(own_server, "weights", "weights-a", "weights-b")
    wanted = [{"VariantName": "Variant1", "DesiredWeight": 0.25, "DesiredInstanceCount": 4}]
    request = {"EndpointName": "weights", "DesiredWeightsAndCapacities": wanted}
    answer = own_server.post("UpdateEndpointWeightsAndCapacities", request).json()
    check_response("UpdateEndpointWeightsAndCapacities", answer)
    assert answer["EndpointArn"].endswith(":endpoint/weights")
    first, second = wait_for(own_server, "weights", "InService")["ProductionVariants"]
    assert (first["CurrentWeight"], first["CurrentInstanceCount"]) == (1.0, 1)
    assert (second["CurrentWeight"], second["DesiredWeight"]) == (0.25, 0.25)
    assert (second["CurrentInstanceCount"], second["DesiredInstanceCount"]) == (4, 4)
    assert len(model_servers.opened["weights", "Variant1"]) == 1


def test_a_serverless_variant_gets_another_concurrency(own_server: Server) -> None:
    """ServerlessUpdateConfig changes what it names of a serverless variant."""
    make_endpoint(own_server, "weights-other", "weights-serverless")
    sagemaker = own_server.client("sagemaker")
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    only = {"VariantName": "V", "ModelName": "weights-serverless", "ServerlessConfig": serverless}
    sagemaker.create_endpoint_config(EndpointConfigName="weights-serverless", ProductionVariants=[only])
    sagemaker.create_endpoint(EndpointName="weights-serverless", EndpointConfigName="weights-serverless")
    wait_for(own_server, "weights-serverless", "InService")
    wanted = [{"VariantName": "V", "ServerlessUpdateConfig": {"MaxConcurrency": 9}}]
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="weights-serverless", DesiredWeightsAndCapacities=wanted
    )
    (variant,) = wait_for(own_server, "weights-serverless", "InService")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 9}
    too_many = [{"VariantName": "V", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 10}}]
    with pytest.raises(ClientError, match="ProvisionedConcurrency of production variant V must be less than or equal"):
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="weights-serverless", DesiredWeightsAndCapacities=too_many
        )


def test_a_serverless_variant_has_no_instances_to_count(own_server: Server) -> None:
    """Whatever the configuration and an update say of instances, none are told of a variant that is serverless."""
    make_endpoint(own_server, "weights-third", "weights-uncounted")
    sagemaker = own_server.client("sagemaker")
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    only = {"VariantName": "V", "ModelName": "weights-uncounted", "ServerlessConfig": serverless}
    config = {"EndpointConfigName": "weights-uncounted", "ProductionVariants": [only | {"InitialInstanceCount": 2}]}
    sagemaker.create_endpoint_config(**config)
    sagemaker.create_endpoint(EndpointName="weights-uncounted", EndpointConfigName="weights-uncounted")
    created = wait_for(own_server, "weights-uncounted", "InService")
    wanted = [{"VariantName": "V", "DesiredInstanceCount": 3, "DesiredWeight": 0.5}]
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="weights-uncounted", DesiredWeightsAndCapacities=wanted
    )
    updated = wait_for(own_server, "weights-uncounted", "InService")
    for endpoint in (created, updated):
        (variant,) = endpoint["ProductionVariants"]
        assert variant["CurrentServerlessConfig"] == serverless
        assert not variant.keys() & {"CurrentInstanceCount", "DesiredInstanceCount"}
    assert variant["CurrentWeight"] == 0.5
