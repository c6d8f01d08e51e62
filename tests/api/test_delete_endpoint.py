"""DeleteEndpoint."""

import pytest
from botocore.exceptions import ClientError

from tests.support.hosting import make_config, make_endpoint, wait_for
from tests.support.server import Server
from tests.support.stub_servers import StubServers

AT_ONCE = {"Delay": 0, "MaxAttempts": 1000}


def test_a_deleted_endpoint_is_gone_with_its_servers(own_server: Server, model_servers: StubServers) -> None:
    """An empty body at once; botocore's waiter sees the end, the servers are ended, and the name is free."""
    make_endpoint(own_server, "delete-endpoint")
    answer = own_server.post("DeleteEndpoint", {"EndpointName": "delete-endpoint"})
    assert (answer.status_code, answer.content) == (200, b"")
    sagemaker = own_server.client("sagemaker")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="delete-endpoint", WaiterConfig=AT_ONCE)
    (server,) = model_servers.opened["delete-endpoint", "AllTraffic"]
    assert server.closed.is_set()
    sagemaker.create_endpoint(EndpointName="delete-endpoint", EndpointConfigName="delete-endpoint")
    wait_for(own_server, "delete-endpoint", "InService")


def test_an_endpoint_in_progress_is_not_deleted(own_server: Server, model_servers: StubServers) -> None:
    """While it is created an endpoint can be neither deleted nor updated; after that it can."""
    make_config(own_server, "delete-held", "hold-delete")
    sagemaker = own_server.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="delete-held", EndpointConfigName="delete-held")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName="delete-held")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.update_endpoint(EndpointName="delete-held", EndpointConfigName="delete-held")
    model_servers.release("delete-held")
    wait_for(own_server, "delete-held", "InService")
    sagemaker.delete_endpoint(EndpointName="delete-held")
