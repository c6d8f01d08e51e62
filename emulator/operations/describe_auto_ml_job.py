"""DescribeAutoMLJob, the first version of the API."""

from collections.abc import Mapping
from typing import Any, NoReturn

from emulator import errors
from emulator.protocol import Call
from emulator.services import Services


def describe_auto_ml_job(services: Services, call: Call, request: Mapping[str, Any]) -> NoReturn:
    """Refuse: it cannot describe jobs made by CreateAutoMLJobV2 (documented), and there are no others here.

    Raises ResourceNotFound, ValidationException.
    """
    raise errors.job_is_v2(services.store.get(call.region, request["AutoMLJobName"]).name)
