"""UpdateEndpoint: the new configuration takes over when it can, and the old one serves until then."""

from typing import Any

import pytest

from tests.support.hosting import make_config, make_endpoint, variant, wait_for
from tests.support.schemas import check_response
from tests.support.server import Server
from tests.support.stub_servers import REFUSAL, StubServers


def test_the_new_configuration_takes_over(own_server: Server, model_servers: StubServers) -> None:
    """Updating with the old configuration shown, then InService with the new one, and the old server is ended."""
    make_endpoint(own_server, "update-endpoint")
    make_config(own_server, "update-to", "hold-update")
    request = {"EndpointName": "update-endpoint", "EndpointConfigName": "update-to"}
    answer = own_server.post("UpdateEndpoint", request).json()
    check_response("UpdateEndpoint", answer)
    assert answer["EndpointArn"].endswith(":endpoint/update-endpoint")
    updating = wait_for(own_server, "update-endpoint", "Updating")
    assert updating["EndpointConfigName"] == "update-endpoint"
    assert updating["PendingDeploymentSummary"]["EndpointConfigName"] == "update-to"
    model_servers.release("update-endpoint")
    assert wait_for(own_server, "update-endpoint", "InService")["EndpointConfigName"] == "update-to"
    old, new = model_servers.opened["update-endpoint", "AllTraffic"]
    assert old.closed.wait(10)
    assert not new.closed.is_set()


def test_an_update_that_fails_is_rolled_back(own_server: Server, model_servers: StubServers) -> None:
    """The endpoint is InService as it was before, and tells why; the next update forgets that."""
    make_endpoint(own_server, "update-back")
    sagemaker = own_server.client("sagemaker")
    make_config(own_server, "update-bad", "fail-update")
    sagemaker.update_endpoint(EndpointName="update-back", EndpointConfigName="update-bad")
    back = wait_for(own_server, "update-back", "InService")
    assert (back["EndpointConfigName"], back["FailureReason"]) == ("update-back", REFUSAL)
    old, bad = model_servers.opened["update-back", "AllTraffic"]
    assert bad.closed.is_set()
    assert not old.closed.is_set()
    sagemaker.update_endpoint(EndpointName="update-back", EndpointConfigName="update-back")
    assert "FailureReason" not in wait_for(own_server, "update-back", "InService")


@pytest.mark.parametrize(
    ("members", "weight", "instances"),
    [
        ({}, 1.0, 1),
        ({"RetainAllVariantProperties": True}, 7.0, 3),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
            1.0,
            3,
        ),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            7.0,
            1,
        ),
    ],
)
def test_properties_of_variants_can_be_retained(
    own_server: Server, members: dict[str, Any], weight: float, instances: int
) -> None:
    """RetainAllVariantProperties keeps weights and instance counts, but for those that are excluded."""
    name = f"retain-{weight:g}-{instances}"
    sagemaker = own_server.client("sagemaker")
    make_config(own_server, f"{name}-to", f"{name}-to")
    heavy = variant(f"{name}-to", InitialVariantWeight=7.0, InitialInstanceCount=3)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[heavy])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    wait_for(own_server, name, "InService")
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-to", **members)
    (only,) = wait_for(own_server, name, "InService")["ProductionVariants"]
    assert (only["CurrentWeight"], only["CurrentInstanceCount"]) == (weight, instances)


def test_the_deployment_configuration_can_be_retained(own_server: Server) -> None:
    """RetainDeploymentConfig keeps the last DeploymentConfig; without it an update forgets it."""
    make_endpoint(own_server, "retain-deployment")
    sagemaker = own_server.client("sagemaker")
    policy = {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 1}
    seen = []
    for members in (
        {"DeploymentConfig": {"RollingUpdatePolicy": policy}},
        {"RetainDeploymentConfig": True},
        {},
    ):
        sagemaker.update_endpoint(EndpointName="retain-deployment", EndpointConfigName="retain-deployment", **members)
        seen.append(wait_for(own_server, "retain-deployment", "InService").get("LastDeploymentConfig"))
    assert seen == [{"RollingUpdatePolicy": policy}] * 2 + [None]
