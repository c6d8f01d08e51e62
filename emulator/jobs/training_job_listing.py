"""Which training jobs a ListTrainingJobs call means: those of candidates, and those that moto's CreateTrainingJob made.

No table holds the latter, and the names of the former are not in the order of their AutoML jobs' names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.jobs.store import JobStore
from emulator.jobs.training_jobs import describe_training_job
from emulator.storage import pages

Summary = Mapping[str, Any]
"""TrainingJobSummary."""

SHOWN = (
    "TrainingJobName",
    "TrainingJobArn",
    "CreationTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "TrainingJobStatus",
    "SecondaryStatus",
)
"""The members of a description that a summary repeats."""


@dataclass(frozen=True, kw_only=True)
class TrainingJobQuery(pages.Query):
    """The members of ListTrainingJobs with their defaults.

    The documentation gives all the defaults but that of MaxResults, inferred from ListEndpoints. No training job here
    has a warm pool or a training plan.
    """

    max_results: int = 10
    sort_by: str = "CreationTime"
    sort_order: str = "Ascending"
    warm_pool_status_equals: str | None = None
    training_plan_arn_equals: str | None = None


def summaries(store: JobStore, region: str) -> list[Summary]:
    """The training jobs of all candidates of a region, once they train, each as its description has it."""
    described = (describe_training_job(job) for job in store.of_region(region) if job.analyzed)
    return [{member: answer[member] for member in SHOWN if member in answer} for answer in described]


def page(found: Iterable[Summary], query: TrainingJobQuery, *, filters_page: bool) -> tuple[list[Summary], str | None]:
    """One page, and the token of the next one where there is one. Raises ValidationException for a token.

    Where it `filters_page`, StatusEquals is asked of what is on the page alone: so does the service where a request has
    MaxResults too (documented).
    """
    wanted = [summary for summary in found if _matches(summary, query)]
    if not filters_page:
        wanted = [summary for summary in wanted if _has_status(summary, query)]
    shown, token = pages.page_of(wanted, query.order, lambda summary: _place(summary, query.sort_by))
    return [summary for summary in shown if _has_status(summary, query)], token


def _place(summary: Summary, sort_by: str) -> tuple[object, str]:
    name = summary["TrainingJobName"].lower()
    members = {"Name": name, "CreationTime": summary["CreationTime"], "Status": summary["TrainingJobStatus"]}
    return members[sort_by], name


def _has_status(summary: Summary, query: TrainingJobQuery) -> bool:
    return query.status_equals in {None, summary["TrainingJobStatus"]}


def _matches(summary: Summary, query: TrainingJobQuery) -> bool:
    created, modified = summary["CreationTime"], summary["LastModifiedTime"]
    return (
        query.warm_pool_status_equals is None
        and query.training_plan_arn_equals is None
        and (query.name_contains or "").lower() in summary["TrainingJobName"].lower()
        and _is_between(created, query.creation_time_after, query.creation_time_before)
        and _is_between(modified, query.last_modified_time_after, query.last_modified_time_before)
    )


def _is_between(time: float, after: float | None, before: float | None) -> bool:
    return (after is None or time > after) and (before is None or time < before)
