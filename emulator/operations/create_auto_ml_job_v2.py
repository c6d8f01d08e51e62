"""CreateAutoMLJobV2."""

from collections.abc import Mapping
from typing import Any

from emulator.jobs.record import AutoMLJob
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.tags import from_list
from emulator.validation import rules


def create_auto_ml_job_v2(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check the request, keep the job and queue it.

    The order of checks: JSON types and constraints (before this), rules across members, S3, name in use.
    Raises ValidationException, ResourceInUse.
    """
    rules.check_create(request)
    rules.check_s3(request, call.region, services.objects)
    now = services.clock()
    tags = from_list(request.get("Tags", ()))
    with services.control.outcomes.chosen(request["AutoMLJobName"], tags) as outcome:
        job = AutoMLJob(
            region=call.region,
            account=call.account,
            name=request["AutoMLJobName"],
            request={member: value for member, value in request.items() if member not in {"AutoMLJobName", "Tags"}},
            created=now,
            modified=now,
            outcome=outcome,
            seed=services.control.seed.value,
        )
        services.store.add(job, tags)
    services.runner.submit(job)
    return {"AutoMLJobArn": job.arn}
