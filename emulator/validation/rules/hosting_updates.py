"""The rules of how an endpoint is updated, across members."""

from collections.abc import Mapping
from typing import Any

from emulator import errors

_SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
"""What a way to shift traffic needs to know."""


def check_deployment_config(config: Mapping[str, Any] | None) -> None:
    """One update policy, and with a way to shift traffic in parts the size of a part. Raises ValidationException."""
    policies = config or {}
    if "BlueGreenUpdatePolicy" in policies and "RollingUpdatePolicy" in policies:
        raise errors.two_update_policies()
    routing = policies.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    size = _SIZES.get(routing.get("Type", ""))
    if size is not None and size not in routing:
        raise errors.no_traffic_size(routing["Type"], size)


def check_endpoint_update(request: Mapping[str, Any]) -> None:
    """Properties are left out of those retained only where any are. Raises ValidationException."""
    if request.get("ExcludeRetainedVariantProperties") and not request.get("RetainAllVariantProperties"):
        raise errors.nothing_retained()
    check_deployment_config(request.get("DeploymentConfig"))
