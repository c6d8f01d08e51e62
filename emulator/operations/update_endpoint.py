"""UpdateEndpoint."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.deployments import deployment_of, retaining
from emulator.endpoints.record import Endpoint
from emulator.protocol import Call
from emulator.services import Services
from emulator.validation import rules


def update_endpoint(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to deploy another configuration; the present one serves until then, or for good where that fails.

    Raises ValidationException.
    """
    rules.check_endpoint_update(request)
    hosting = services.hosting
    hosting.endpoints.get(call.region, request["EndpointName"])
    config = hosting.configs.get(call.region, request["EndpointConfigName"])
    deployment = deployment_of(config, hosting, services.clock())

    def step(endpoint: Endpoint) -> Endpoint:
        pending = deployment
        if request.get("RetainAllVariantProperties"):
            overridden = (one["VariantPropertyType"] for one in request.get("ExcludeRetainedVariantProperties") or ())
            pending = retaining(deployment, endpoint.live, overridden)
        kept = endpoint.deployment_config if request.get("RetainDeploymentConfig") else None
        return endpoint.updating(pending, request.get("DeploymentConfig", kept), services.clock())

    return {"EndpointArn": services.keeper.change(call.region, request["EndpointName"], step).arn}
