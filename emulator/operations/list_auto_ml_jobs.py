"""ListAutoMLJobs."""

from collections.abc import Mapping
from typing import Any

from emulator.jobs.descriptions import summarize_job
from emulator.jobs.listing import JobQuery
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.pages import arguments


def list_auto_ml_jobs(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of job summaries. Raises ValidationException for a token that is not ours."""
    query = JobQuery(**arguments(request))
    jobs, token = services.store.page(call.region, query)
    page: dict[str, Any] = {"AutoMLJobSummaries": [summarize_job(job) for job in jobs]}
    return page | ({} if token is None else {"NextToken": token})
