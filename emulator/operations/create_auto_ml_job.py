"""CreateAutoMLJob, the first version of the API."""

from collections.abc import Mapping
from typing import Any, NoReturn

from emulator import errors
from emulator.protocol import Call
from emulator.services import Services


def create_auto_ml_job(_services: Services, _call: Call, _request: Mapping[str, Any]) -> NoReturn:
    """Refuse: it makes tabular jobs alone, which the emulator does not train. Raises ValidationException."""
    raise errors.other_problem_types_only_in_v2()
