"""ListAutoMLJobs: filters, order and pages."""

from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from emulator.storage.pages import Order, next_token
from tests.support.requests import text_generation
from tests.support.schemas import check_response
from tests.support.server import Server

NAMES = ["done-b", "done-D", "refuse-c", "done-a", "done-e"]


@pytest.fixture(scope="module", name="region")
def _region(own_server: Server) -> Server:
    """The server in a region of its own, with five ended jobs made in the order of NAMES."""
    region = replace(own_server, region="eu-west-3")
    for name in NAMES:
        region.client("sagemaker").create_auto_ml_job_v2(**text_generation(name))
        region.wait(name, "Completed", "Failed")
    return region


def listed(region: Server, **members: Any) -> list[str]:
    """The names of one page."""
    jobs = region.client("sagemaker").list_auto_ml_jobs(**members)["AutoMLJobSummaries"]
    return [job["AutoMLJobName"] for job in jobs]


def test_the_default_order_is_by_name_descending(region: Server) -> None:
    """SortBy is Name and SortOrder Descending by default, and case does not count."""
    assert listed(region) == ["refuse-c", "done-e", "done-D", "done-b", "done-a"]


def test_jobs_are_sorted_by_creation(region: Server) -> None:
    """SortBy CreationTime gives the order in which jobs were made, or its reverse."""
    assert listed(region, SortBy="CreationTime", SortOrder="Ascending") == NAMES
    assert listed(region, SortBy="CreationTime") == NAMES[::-1]


def test_jobs_are_sorted_by_status(region: Server) -> None:
    """SortBy Status puts equal statuses together, by name within each."""
    ascending = listed(region, SortBy="Status", SortOrder="Ascending")
    assert ascending == ["done-a", "done-b", "done-D", "done-e", "refuse-c"]
    assert listed(region, SortBy="Status") == ascending[::-1]


def test_jobs_are_filtered_by_name_and_status(region: Server) -> None:
    """NameContains and StatusEquals both have to hold."""
    assert listed(region, NameContains="e-c") == ["refuse-c"]
    assert listed(region, NameContains="DONE-d") == ["done-D"]
    assert listed(region, StatusEquals="Failed") == ["refuse-c"]
    assert listed(region, StatusEquals="Failed", NameContains="done") == []
    assert listed(region, StatusEquals="InProgress") == []


def test_jobs_are_filtered_by_time(region: Server) -> None:
    """A filter for time is about what came before or after, to the millisecond."""
    created = {name: region.describe(name)["CreationTime"] for name in NAMES}
    modified = {name: region.describe(name)["LastModifiedTime"] for name in NAMES}
    order: dict[str, Any] = {"SortBy": "CreationTime", "SortOrder": "Ascending"}
    assert listed(region, CreationTimeAfter=created["refuse-c"], **order) == ["done-a", "done-e"]
    assert listed(region, CreationTimeBefore=created["refuse-c"], **order) == ["done-b", "done-D"]
    assert listed(region, LastModifiedTimeAfter=modified["done-a"], **order) == ["done-e"]
    assert listed(region, LastModifiedTimeBefore=modified["done-D"], **order) == ["done-b"]
    assert listed(region, CreationTimeAfter=created["done-e"], CreationTimeBefore=created["done-b"]) == []


@pytest.mark.parametrize("sort_by", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("sort_order", ["Ascending", "Descending"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_are_the_whole_list_in_parts(region: Server, sort_by: str, sort_order: str, size: int) -> None:
    """boto3's paginator meets every job once, in order, and no page is larger than asked for or empty."""
    paginator = region.client("sagemaker").get_paginator("list_auto_ml_jobs")
    pages = paginator.paginate(SortBy=sort_by, SortOrder=sort_order, PaginationConfig={"PageSize": size})
    parts = [[job["AutoMLJobName"] for job in page["AutoMLJobSummaries"]] for page in pages]
    assert list(chain(*parts)) == listed(region, SortBy=sort_by, SortOrder=sort_order)
    assert all(len(part) == size for part in parts[:-1])
    assert 0 < len(parts[-1]) <= size


def test_filters_hold_on_every_page(region: Server) -> None:
    """A token continues the filtered list."""
    paginator = region.client("sagemaker").get_paginator("list_auto_ml_jobs")
    pages = paginator.paginate(NameContains="done", PaginationConfig={"PageSize": 3})
    assert [len(page["AutoMLJobSummaries"]) for page in pages] == [3, 1]


def test_a_new_job_does_not_disturb_the_pages(region: Server) -> None:
    """A job that is made between two pages moves no other one to another page."""
    sagemaker = replace(region, region="eu-north-1").client("sagemaker")
    for name in ("done-1", "done-3", "done-5"):
        sagemaker.create_auto_ml_job_v2(**text_generation(name))
    first = sagemaker.list_auto_ml_jobs(MaxResults=2)
    sagemaker.create_auto_ml_job_v2(**text_generation("done-4"))
    second = sagemaker.list_auto_ml_jobs(MaxResults=2, NextToken=first["NextToken"])
    assert [job["AutoMLJobName"] for job in first["AutoMLJobSummaries"]] == ["done-5", "done-3"]
    assert [job["AutoMLJobName"] for job in second["AutoMLJobSummaries"]] == ["done-1"]
    assert "NextToken" not in second


@pytest.mark.parametrize("change", ["{}x", "{}!", "x{}", " {}", "{}===="])
def test_a_token_is_taken_as_it_was_given_alone(own_server: Server, ended_job: dict[str, str], change: str) -> None:
    """A token with anything before or after it is none."""
    assert ended_job
    token = next_token(Order("Name", "Descending", "key", 10), "a", "a")
    assert (
        own_server.post("ListAutoMLJobs", {"SortBy": "Name", "SortOrder": "Descending", "NextToken": token}).status_code
        == 200
    )
    refused = own_server.post(
        "ListAutoMLJobs", {"SortBy": "Name", "SortOrder": "Descending", "NextToken": change.format(token)}
    )
    assert refused.json()["message"] == "Invalid NextToken."


def test_a_summary_has_the_state_of_its_job(own_server: Server, ended_job: dict[str, str]) -> None:
    """A summary shows the name, the ARN, both statuses and the times that Describe shows."""
    page = own_server.post("ListAutoMLJobs", {"NameContains": ended_job["job"]}).json()
    check_response("ListAutoMLJobs", page)
    (summary,) = page["AutoMLJobSummaries"]
    job = own_server.post("DescribeAutoMLJobV2", {"AutoMLJobName": ended_job["job"]}).json()
    assert summary == {member: job[member] for member in summary}
    assert summary.keys() >= {"AutoMLJobArn", "AutoMLJobStatus", "AutoMLJobSecondaryStatus", "CreationTime", "EndTime"}


def test_a_failed_job_shows_its_reason(region: Server) -> None:
    """A summary of a failed job has its FailureReason."""
    (summary,) = region.client("sagemaker").list_auto_ml_jobs(StatusEquals="Failed")["AutoMLJobSummaries"]
    assert "the data are bad" in summary["FailureReason"]
