"""Records to the dictionaries that the API answers. Absent members are left out, never null."""

from typing import Any

from emulator.jobs.record import AutoMLJob, Candidate, SecondaryStatus
from emulator.problem_types import PROBLEM_TYPES

ECHOED = (
    "AutoMLJobInputDataConfig",
    "OutputDataConfig",
    "RoleArn",
    "AutoMLJobObjective",
    "AutoMLProblemTypeConfig",
    "DataSplitConfig",
    "ModelDeployConfig",
    "SecurityConfig",
    "AutoMLComputeConfig",
)
"""The members of a create request that a description repeats, in the service model's order."""


def describe_job_v2(job: AutoMLJob) -> dict[str, Any]:
    """DescribeAutoMLJobV2Response: the request as it came, with no defaults added, and what became of it."""
    answer = _identity(job) | {member: job.request[member] for member in ECHOED if member in job.request}
    answer["AutoMLProblemTypeConfigName"] = job.problem_type_name
    if job.candidate is not None:
        answer["BestCandidate"] = describe_candidate(job.candidate)
    if job.analyzed:
        answer["ResolvedAttributes"] = _resolved_attributes(job)
    if job.endpoint_name is not None:
        answer["ModelDeployResult"] = {"EndpointName": job.endpoint_name}
    elif job.secondary_status is SecondaryStatus.MODEL_DEPLOYMENT_ERROR:
        answer["ModelDeployResult"] = {}  # EndpointName is left out where the deployment failed (documented)
    return answer


def summarize_job(job: AutoMLJob) -> dict[str, Any]:
    """AutoMLJobSummary."""
    return _identity(job)


def describe_candidate(candidate: Candidate) -> dict[str, Any]:
    """AutoMLCandidate.

    The metrics are keyed by StandardMetricName alone: the enum of MetricName has no value for them, and for the
    same reason there is no FinalAutoMLJobObjectiveMetric (both inferred from the service model).
    """
    return {
        "CandidateName": candidate.name,
        "ObjectiveStatus": "Succeeded",
        "CandidateSteps": [
            {
                "CandidateStepType": "AWS::SageMaker::TrainingJob",
                "CandidateStepArn": candidate.training_job_arn,
                "CandidateStepName": candidate.name,
            }
        ],
        "CandidateStatus": "Completed",
        "InferenceContainers": [
            {
                "Image": candidate.image,
                "ModelDataUrl": candidate.artifacts["model.tar.gz"],
                "Environment": dict(candidate.environment),
            }
        ],
        "CreationTime": candidate.created,
        "EndTime": candidate.ended,
        "LastModifiedTime": candidate.ended,
        "CandidateProperties": {"CandidateMetrics": _metrics(candidate)},
    }


def _identity(job: AutoMLJob) -> dict[str, Any]:
    members = {
        "AutoMLJobName": job.name,
        "AutoMLJobArn": job.arn,
        "AutoMLJobStatus": job.status,
        "AutoMLJobSecondaryStatus": job.secondary_status,
        "CreationTime": job.created,
        "EndTime": job.ended,
        "LastModifiedTime": job.modified,
        "FailureReason": job.failure_reason,
    }
    return {member: value for member, value in members.items() if value is not None}


def _metrics(candidate: Candidate) -> list[dict[str, Any]]:
    sets = PROBLEM_TYPES[candidate.problem_type].metrics
    return [
        {"StandardMetricName": name, "Value": candidate.metrics[name], "Set": measured_on}
        for name, measured_on in sets.items()
    ]


def _resolved_attributes(job: AutoMLJob) -> dict[str, Any]:
    resolved = {}
    if job.problem_type is not None:
        resolved["AutoMLProblemTypeResolvedAttributes"] = job.problem_type.resolved_attributes(job.problem_type_config)
    if "CompletionCriteria" in job.problem_type_config:
        resolved["CompletionCriteria"] = job.problem_type_config["CompletionCriteria"]
    return resolved
