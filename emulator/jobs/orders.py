"""What a worker is told: the order of a job, and the names that it goes by."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from emulator.jobs.folders import RunFolder
from emulator.jobs.queue import Task
from emulator.jobs.record import AutoMLJob
from emulator.problem_types import TrainingOrder
from emulator.protocol import arn_of
from emulator.s3.access import S3Access
from emulator.settings import Settings

LONGEST_PREFIX = 32
LONGEST_HEARTBEAT_SECONDS = 5.0


def candidate_name(job: AutoMLJob) -> str:
    """`<job name, filled up to 32 characters>-001-<8 hex>`, as candidates have been named since 2022."""
    digest = hashlib.sha256(f"{job.arn} {job.created}".encode()).hexdigest()
    return f"{job.name}{digest[: LONGEST_PREFIX - len(job.name)]}-001-{digest[-8:]}"


def training_job_arn(job: AutoMLJob) -> str:
    """The ARN of the training job that is the candidate's only step."""
    return arn_of("training-job", job.region, job.account, candidate_name(job))


def training_log_stream(job: AutoMLJob, began: float) -> str:
    """The log stream of a run of the training job, named as SageMaker names them."""
    return f"{candidate_name(job)}/algo-1-{int(began)}"


def read_order(file: str) -> TrainingOrder:
    """The order in a file."""
    content = json.loads(Path(file).read_text(encoding="utf-8"))
    return TrainingOrder(**content | {"s3": S3Access(**content["s3"])})


def write_order(task: Task, folder: RunFolder, settings: Settings, s3: S3Access, gpu: str | None) -> None:
    """Write the order of a job into its folder."""
    job = task.job
    order = TrainingOrder(
        job_name=job.name,
        job_arn=job.arn,
        problem_type=job.problem_type_name,
        region=job.region,
        candidate_name=candidate_name(job),
        training_job_arn=training_job_arn(job),
        request=job.request,
        s3=s3,
        device=settings.device,
        models=settings.models,
        model=settings.model,
        cache_dir=settings.cache_dir,
        seed=settings.seed if job.seed is None else job.seed,
        deadline=task.due,
        folder=str(folder.path),
        log_file=folder.log_file,
        heartbeat=min(LONGEST_HEARTBEAT_SECONDS, settings.worker_silence / 4),
        gpu=gpu,
        outcome=job.outcome,
    )
    Path(folder.order_file).touch(mode=0o600)  # it holds a key
    Path(folder.order_file).write_text(json.dumps(asdict(order)), encoding="utf-8")
