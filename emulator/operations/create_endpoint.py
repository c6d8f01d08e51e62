"""CreateEndpoint."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.deployments import deployment_of
from emulator.endpoints.record import Endpoint
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.tags import from_list
from emulator.validation import rules


def create_endpoint(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the endpoint and begin to deploy its configuration; returns at once. Raises ValidationException."""
    rules.check_tag_keys(request.get("Tags", ()))
    rules.check_deployment_config(request.get("DeploymentConfig"))
    config = services.hosting.configs.get(call.region, request["EndpointConfigName"])
    now = services.clock()
    endpoint = Endpoint(
        region=call.region,
        account=call.account,
        name=request["EndpointName"],
        request={"EndpointConfigName": config.name},
        created=now,
        modified=now,
        pending=deployment_of(config, services.hosting, now),
        deployment_config=request.get("DeploymentConfig"),
    )
    services.keeper.create(endpoint, from_list(request.get("Tags", ())))
    return {"EndpointArn": endpoint.arn}
