"""ListCandidatesForAutoMLJob."""

from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.jobs.descriptions import describe_candidate
from emulator.protocol import Call
from emulator.services import Services


def list_candidates_for_auto_ml_job(services: Services, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """The job's candidates: text generation has at most one, so there is never a second page.

    Raises ResourceNotFound, and ValidationException for any token, since none is ever given out.
    """
    job = services.store.get(call.region, request["AutoMLJobName"])
    if "NextToken" in request:
        raise errors.invalid_next_token()
    candidates = [] if job.candidate is None else [describe_candidate(job.candidate)]
    filters = {"StatusEquals": "CandidateStatus", "CandidateNameEquals": "CandidateName"}
    wanted = {filters[member]: value for member, value in request.items() if member in filters}
    return {"Candidates": [found for found in candidates if all(found[m] == value for m, value in wanted.items())]}
