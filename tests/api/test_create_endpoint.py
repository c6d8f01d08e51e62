"""CreateEndpoint, to the end of its deployment."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.support.hosting import IMAGE, config, make_config, make_endpoint, variant, wait_for
from tests.support.requests import ROLE
from tests.support.schemas import check_response
from tests.support.server import Server
from tests.support.stub_servers import REFUSAL, StubServers

AT_ONCE = {"Delay": 0, "MaxAttempts": 1000}


def test_an_endpoint_comes_into_service(own_server: Server, model_servers: StubServers) -> None:
    """Creating until the model has loaded, then InService; botocore's waiter sees it."""
    make_config(own_server, "create-endpoint", "hold-create")
    answer = own_server.post(
        "CreateEndpoint", {"EndpointName": "create-endpoint", "EndpointConfigName": "create-endpoint"}
    )
    check_response("CreateEndpoint", answer.json())
    assert answer.json() == {"EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/create-endpoint"}
    wait_for(own_server, "create-endpoint", "Creating")
    model_servers.release("create-endpoint")
    sagemaker = own_server.client("sagemaker")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="create-endpoint", WaiterConfig=AT_ONCE)
    (server,) = model_servers.opened["create-endpoint", "AllTraffic"]
    assert server.started
    assert (server.model.model_name, server.model.image) == ("hold-create", IMAGE)
    assert server.model.environment == {"KEY": "value"}


@pytest.mark.parametrize(("scenario", "reason"), [("fail", REFUSAL), ("break", "OSError: no such device")])
def test_an_endpoint_whose_model_does_not_load_fails(own_server: Server, scenario: str, reason: str) -> None:
    """Failed, with a FailureReason; the waiter ends, and nothing but deletion is possible."""
    name = f"create-{scenario}"
    described = make_endpoint(own_server, name, f"{scenario}-create", wait="Failed")
    assert described["FailureReason"].endswith(reason)
    sagemaker = own_server.client("sagemaker")
    with pytest.raises(WaiterError, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=AT_ONCE)
    with pytest.raises(ClientError, match="in status Failed"):
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=AT_ONCE)


def test_one_variant_that_fails_fails_all(own_server: Server, model_servers: StubServers) -> None:
    """An endpoint of several variants needs all of them; the servers that did start are ended."""
    make_endpoint(own_server, "create-half", "good-half", "fail-half", wait="Failed")
    (good,) = model_servers.opened["create-half", "AllTraffic"]
    assert good.started
    assert good.closed.is_set()


@pytest.mark.parametrize(
    ("containers", "reason"),
    [
        ([{"Image": IMAGE}, {"Image": IMAGE}], "serves models of one container, and model create-two has 2"),
        (
            [{"Image": IMAGE, "Mode": "MultiModel"}],
            "model create-multi has Mode MultiModel: multi-model endpoints are not",
        ),
    ],
)
def test_what_would_be_served_as_something_else_fails(
    own_server: Server, model_servers: StubServers, containers: list[Any], reason: str
) -> None:
    """A pipeline of containers and a multi-model container are made as models, and fail the endpoint with a reason."""
    name, sagemaker = reason.split(" has ", maxsplit=1)[0].rpartition(" ")[2], own_server.client("sagemaker")
    sagemaker.create_model(ModelName=name, Containers=containers, ExecutionRoleArn=ROLE)
    sagemaker.create_endpoint_config(**config(name, variant(name)))
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert reason in wait_for(own_server, name, "Failed")["FailureReason"]
    assert (name, "AllTraffic") not in model_servers.opened


def test_names_are_unique_whatever_their_case(own_server: Server) -> None:
    """The name is case-insensitive in CreateEndpoint (documented)."""
    make_endpoint(own_server, "create-case")
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        own_server.client("sagemaker").create_endpoint(EndpointName="Create-Case", EndpointConfigName="create-case")
