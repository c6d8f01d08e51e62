"""ListCandidatesForAutoMLJob: the one candidate of a text generation job, and its filters."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.schemas import check_response
from tests.support.server import Server


def candidates(server: Server, name: str, **members: Any) -> list[dict[str, Any]]:
    """The candidates of a job, held against the schema."""
    page = server.post("ListCandidatesForAutoMLJob", {"AutoMLJobName": name} | members).json()
    check_response("ListCandidatesForAutoMLJob", page)
    found: list[dict[str, Any]] = page["Candidates"]
    return found


def test_a_completed_job_has_its_best_candidate(own_server: Server, ended_job: dict[str, str]) -> None:
    """The list holds what Describe shows as BestCandidate."""
    job = own_server.post("DescribeAutoMLJobV2", {"AutoMLJobName": ended_job["job"]}).json()
    assert candidates(own_server, ended_job["job"]) == [job["BestCandidate"]]


def test_a_running_job_has_no_candidate(own_server: Server, hold: Callable[..., str]) -> None:
    """Before it is trained there is no candidate, and no error."""
    hold("hold-candidates")
    assert candidates(own_server, "hold-candidates") == []


def test_filters_take_or_leave_the_candidate(own_server: Server, ended_job: dict[str, str]) -> None:
    """StatusEquals and CandidateNameEquals both have to hold."""
    name = ended_job["job"]
    (candidate,) = candidates(own_server, name)
    assert candidates(own_server, name, StatusEquals="Completed") == [candidate]
    assert candidates(own_server, name, CandidateNameEquals=candidate["CandidateName"]) == [candidate]
    assert candidates(own_server, name, StatusEquals="Failed") == []
    assert candidates(own_server, name, CandidateNameEquals="another", StatusEquals="Completed") == []


@pytest.mark.parametrize("sort_by", ["CreationTime", "Status", "FinalObjectiveMetricValue"])
def test_every_order_is_taken(own_server: Server, ended_job: dict[str, str], sort_by: str) -> None:
    """All values of SortBy and SortOrder are valid, and so is the greatest page."""
    for order in ("Ascending", "Descending"):
        members = {"SortBy": sort_by, "SortOrder": order, "MaxResults": 300}
        assert len(candidates(own_server, ended_job["job"], **members)) == 1


def test_the_paginator_ends_after_one_page(own_server: Server, ended_job: dict[str, str]) -> None:
    """One candidate fits on one page, so there is never a NextToken."""
    paginator = own_server.client("sagemaker").get_paginator("list_candidates_for_auto_ml_job")
    pages = list(paginator.paginate(AutoMLJobName=ended_job["job"], PaginationConfig={"PageSize": 1}))
    assert [len(page["Candidates"]) for page in pages] == [1]
