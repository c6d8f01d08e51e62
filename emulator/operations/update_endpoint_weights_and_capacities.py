"""UpdateEndpointWeightsAndCapacities."""

from collections.abc import Mapping
from typing import Any

from emulator.protocol import Call
from emulator.services import Services
from emulator.validation import rules


def update_endpoint_weights_and_capacities(
    services: Services, call: Call, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Begin to give variants other weights; their servers stay. Raises ValidationException."""
    wanted = request["DesiredWeightsAndCapacities"]
    rules.check_variant_names(wanted)
    endpoint = services.keeper.change(
        call.region, request["EndpointName"], lambda endpoint: endpoint.reweighing(wanted, services.clock())
    )
    return {"EndpointArn": endpoint.arn}
