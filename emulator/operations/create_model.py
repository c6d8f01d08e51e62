"""CreateModel."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.record import Model
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.tags import from_list
from emulator.validation import rules


def create_model(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check the request and keep the model; whether its artifact can be served is found out at the endpoint.

    Raises ValidationException.
    """
    rules.check_model(request, services.objects)
    members = {member: value for member, value in request.items() if member not in {"ModelName", "Tags"}}
    model = Model(call.region, call.account, request["ModelName"], members, services.clock())
    services.hosting.models.add(model, from_list(request.get("Tags", ())))
    return {"ModelArn": model.arn}
