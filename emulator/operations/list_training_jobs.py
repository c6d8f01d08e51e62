"""ListTrainingJobs: the steps of candidates, and what moto's CreateTrainingJob made."""

from collections.abc import Mapping
from typing import Any

from emulator.jobs.training_job_listing import TrainingJobQuery, page, summaries
from emulator.protocol import Call
from emulator.services import Services
from emulator.storage.pages import arguments


def list_training_jobs(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of summaries. Raises ValidationException for a token that is not ours."""
    found = [*summaries(services.store, call.region), *services.training_jobs_of_moto(call.region)]
    query = TrainingJobQuery(**arguments(request))
    shown, token = page(found, query, filters_page="MaxResults" in request)
    answer: dict[str, Any] = {"TrainingJobSummaries": shown}
    return answer | ({} if token is None else {"NextToken": token})
