"""ListTrainingJobs: the steps of candidates beside what moto's CreateTrainingJob made."""

from itertools import chain
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.requests import text_generation, training_job
from tests.support.schemas import check_response
from tests.support.server import Server

MADE = ("b-made", "A-made")


@pytest.fixture(scope="module", name="region")
def _region(own_server: Server) -> Server:
    """A region of its own, where two AutoML jobs have ended and moto has made two training jobs."""
    region = Server(own_server.url, "sa-east-1")
    sagemaker = region.client("sagemaker")
    for name in ("done-listed", "cut-listed"):
        sagemaker.create_auto_ml_job_v2(**text_generation(name))
        region.wait(name, "Completed")
    for name in MADE:
        sagemaker.create_training_job(**training_job(name))
    return region


def listed(region: Server, **members: Any) -> list[str]:
    """The names on one page."""
    page = region.client("sagemaker").list_training_jobs(**members)
    return [summary["TrainingJobName"] for summary in page["TrainingJobSummaries"]]


def step_of(region: Server, job: str) -> str:
    """The name of the training job of a candidate."""
    name: str = region.describe(job)["BestCandidate"]["CandidateSteps"][0]["CandidateStepName"]
    return name


def test_all_training_jobs_are_listed_in_order(region: Server) -> None:
    """The oldest first by default (documented); by name, case does not count."""
    steps = [step_of(region, "done-listed"), step_of(region, "cut-listed")]
    assert listed(region) == [*steps, *MADE]
    assert listed(region, SortOrder="Descending") == [*MADE[::-1], *steps[::-1]]
    assert listed(region, SortBy="Name") == ["A-made", "b-made", steps[1], steps[0]]
    assert listed(region, SortBy="Status", SortOrder="Descending")[0] == steps[1]


def test_a_summary_shows_what_describe_shows(region: Server) -> None:
    """Each member of a summary is one of the description, whoever made the training job."""
    sagemaker = region.client("sagemaker")
    for summary in sagemaker.list_training_jobs()["TrainingJobSummaries"]:
        described = sagemaker.describe_training_job(TrainingJobName=summary["TrainingJobName"])
        assert summary == {member: described[member] for member in summary}


def test_the_filters_hold(region: Server) -> None:
    """NameContains, the times, the status, and what no training job here has."""
    sagemaker = region.client("sagemaker")
    done, cut = step_of(region, "done-listed"), step_of(region, "cut-listed")
    created = sagemaker.describe_training_job(TrainingJobName=cut)["CreationTime"]
    assert listed(region, NameContains="MADE") == [*MADE]
    assert listed(region, NameContains="no-such") == []
    assert listed(region, CreationTimeAfter=created) == [*MADE]
    assert listed(region, CreationTimeBefore=created) == [done]
    assert listed(region, LastModifiedTimeBefore=created) == [done]
    assert listed(region, StatusEquals="Stopped") == [cut]
    assert listed(region, StatusEquals="Completed") == [done, *MADE]
    assert listed(region, WarmPoolStatusEquals="InUse") == []


def test_status_is_asked_of_the_page_where_its_size_is_given(region: Server) -> None:
    """With MaxResults the service takes a page first, and then what has the status (documented)."""
    page = region.client("sagemaker").list_training_jobs(MaxResults=1, StatusEquals="Stopped")
    assert page["TrainingJobSummaries"] == []
    assert listed(region, MaxResults=1, StatusEquals="Stopped", NextToken=page["NextToken"]) == [
        step_of(region, "cut-listed")
    ]


def test_pages_are_the_whole_list_in_parts(region: Server) -> None:
    """boto3's paginator meets every training job once, in order, and a token holds for its own order alone."""
    sagemaker = region.client("sagemaker")
    for size in (1, 3):
        pages = [
            [summary["TrainingJobName"] for summary in page["TrainingJobSummaries"]]
            for page in sagemaker.get_paginator("list_training_jobs").paginate(
                SortOrder="Descending", PaginationConfig={"PageSize": size}
            )
        ]
        assert list(chain(*pages)) == listed(region, SortOrder="Descending")
    token = sagemaker.list_training_jobs(MaxResults=1)["NextToken"]
    with pytest.raises(ClientError, match="Invalid NextToken"):
        sagemaker.list_training_jobs(NextToken=token, SortBy="Name")


def test_the_answer_is_of_the_service_model(region: Server) -> None:
    """A region without training jobs has an empty list, and answers have the form of the schema."""
    check_response("ListTrainingJobs", region.post("ListTrainingJobs", {}).json())
    assert listed(Server(region.url, "eu-south-1")) == []
