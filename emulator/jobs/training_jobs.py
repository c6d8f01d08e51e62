"""The training job that is the only step of a candidate, told from the record of its AutoML job.

Its secondary statuses, and what it shows besides its names, input and output, are inferred from training jobs that
CreateTrainingJob makes.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from emulator import errors
from emulator.jobs.orders import candidate_name, training_job_arn
from emulator.jobs.record import AutoMLJob, SecondaryStatus, region_of_arn
from emulator.jobs.store import JobStore
from emulator.s3.layout import CandidateOutput
from emulator.training.deadline import LONGEST_TRAINING_JOB, TRAINING_JOB

CUT_SHORT = ("Stopped", "MaxRuntimeExceeded")
"""What a training job shows that a limit on time has ended (documented)."""

S = SecondaryStatus
_STATUSES: dict[SecondaryStatus, tuple[str, str]] = {
    S.FAILED: ("Failed", "Failed"),
    S.STOPPING: ("Stopping", "Stopping"),
    S.STOPPED: ("Stopped", "Stopped"),
    S.MAX_RUNTIME_REACHED: CUT_SHORT,
}


def find(store: JobStore, region: str, name: str) -> AutoMLJob:
    """The AutoML job whose candidate's training job has that name, once it trains. Raises ValidationException."""
    for job in store.named(region, _possible_job_names(name)):
        if job.analyzed and candidate_name(job) == name:
            return job
    raise errors.training_job_not_found()


def owns(store: JobStore, db: sqlite3.Connection, arn: str) -> bool:
    """Whether there is a training job of ours with that ARN, whatever its case."""
    jobs = store.read_named(db, region_of_arn(arn), _possible_job_names(arn.rpartition("/")[2]))
    return any(job.analyzed and training_job_arn(job).lower() == arn.lower() for job in jobs)


def describe_training_job(job: AutoMLJob) -> dict[str, Any]:
    """DescribeTrainingJobResponse."""
    name = candidate_name(job)
    output = CandidateOutput(job.request["OutputDataConfig"]["S3OutputPath"], job.name, name)
    criteria = job.problem_type_config.get("CompletionCriteria", {})
    longest = criteria.get(TRAINING_JOB, LONGEST_TRAINING_JOB)
    answer = {
        "TrainingJobName": name,
        "TrainingJobArn": training_job_arn(job),
        "AutoMLJobArn": job.arn,
        "ModelArtifacts": {"S3ModelArtifacts": output.artifacts["model.tar.gz"]},
        "HyperParameters": job.problem_type_config.get("TextGenerationHyperParameters"),
        "RoleArn": job.request["RoleArn"],
        "InputDataConfig": [_channel(channel) for channel in job.request["AutoMLJobInputDataConfig"]],
        "OutputDataConfig": job.request["OutputDataConfig"],
        "StoppingCondition": {"MaxRuntimeInSeconds": longest},
        "CreationTime": job.created,
        "TrainingStartTime": next((at for status, at in job.walk if status == S.TRAINING_MODELS), None),
        "LastModifiedTime": job.modified,
        "FailureReason": job.failure_reason if job.candidate is None else None,
    } | _progress(job)
    return {member: value for member, value in answer.items() if value is not None}


def _progress(job: AutoMLJob) -> dict[str, Any]:
    if job.candidate is None:
        status, secondary = _STATUSES.get(job.secondary_status, ("InProgress", "Training"))
        return {"TrainingJobStatus": status, "SecondaryStatus": secondary, "TrainingEndTime": job.ended}
    ended = job.candidate.ended
    metrics = [
        {"MetricName": name, "Value": value, "Timestamp": ended} for name, value in job.candidate.metrics.items()
    ]
    status, secondary = CUT_SHORT if job.candidate.cut_short else ("Completed", "Completed")
    return {
        "TrainingJobStatus": status,
        "SecondaryStatus": secondary,
        "TrainingEndTime": ended,
        "FinalMetricDataList": metrics,
    }


def _channel(channel: Mapping[str, Any]) -> dict[str, Any]:
    """A channel of the AutoML job as one of a training job."""
    shared = {member: channel[member] for member in ("ContentType", "CompressionType") if member in channel}
    return {"ChannelName": channel.get("ChannelType", "training"), "DataSource": channel["DataSource"]} | shared


def _possible_job_names(training_job: str) -> list[str]:
    """A candidate's name begins with its job's."""
    return [training_job[:length] for length in range(1, min(len(training_job), 32) + 1)]
