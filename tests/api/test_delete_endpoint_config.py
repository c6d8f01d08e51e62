"""DeleteEndpointConfig."""

import pytest
from botocore.exceptions import ClientError

from tests.support.hosting import make_config
from tests.support.server import Server


def test_a_deleted_configuration_is_gone(own_server: Server) -> None:
    """The answer is an empty body, and the configuration is not found any more, by its deletion least of all."""
    make_config(own_server, "delete-config", "delete-configured")
    answer = own_server.post("DeleteEndpointConfig", {"EndpointConfigName": "delete-config"})
    assert (answer.status_code, answer.content) == (200, b"")
    with pytest.raises(ClientError, match='Could not find endpoint configuration "arn:aws:sagemaker:'):
        own_server.client("sagemaker").delete_endpoint_config(EndpointConfigName="delete-config")
