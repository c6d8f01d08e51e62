"""How the endpoint of the best candidate gets its name (ModelDeployConfig)."""

from collections.abc import Mapping
from typing import Any

from emulator import errors


def check_deployment(request: Mapping[str, Any]) -> None:
    """Either a name or the wish to have it generated. Raises ValidationException."""
    config = request.get("ModelDeployConfig")
    if config is None:
        return
    generated = config.get("AutoGenerateEndpointName", False)
    if generated and "EndpointName" in config:
        raise errors.endpoint_name_not_expected()
    if not generated and "EndpointName" not in config:
        raise errors.endpoint_name_expected()
