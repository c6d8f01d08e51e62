"""What a worker is told: the order of a job, in a folder that goes with the run."""

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from emulator.jobs.record import AutoMLJob
from emulator.problem_types import TrainingOrder
from emulator.protocol import arn_of
from emulator.settings import Settings
from emulator.storage.s3_access import S3Access

LONGEST_PREFIX = 32
LAST_WORDS_BYTES = 2_000


@dataclass(frozen=True)
class OrderFolder:
    """The scratch folder of one run: the order, the worker's log, and whatever the worker puts beside them."""

    path: Path

    @property
    def order_file(self) -> str:
        """The order as JSON."""
        return str(self.path / "order.json")

    @property
    def log_file(self) -> str:
        """What the worker prints."""
        return str(self.path / "training.log")

    def last_words(self) -> str:
        """The last line of the log."""
        try:
            with open(self.log_file, "rb") as log:
                log.seek(max(0, log.seek(0, 2) - LAST_WORDS_BYTES))
                lines = log.read().decode(errors="replace").strip().splitlines()
        except FileNotFoundError:
            lines = []
        return lines[-1] if lines else "none"


def candidate_name(job: AutoMLJob) -> str:
    """`<job name, filled up to 32 characters>-001-<8 hex>`, as candidates have been named since 2022."""
    digest = hashlib.sha256(f"{job.arn} {job.created}".encode()).hexdigest()
    return f"{job.name}{digest[: LONGEST_PREFIX - len(job.name)]}-001-{digest[-8:]}"


def training_job_arn(job: AutoMLJob) -> str:
    """The ARN of the training job that is the candidate's only step."""
    return arn_of("training-job", job.region, job.account, candidate_name(job))


def new_folder() -> "tempfile.TemporaryDirectory[str]":
    """A scratch folder that removes itself."""
    return tempfile.TemporaryDirectory(prefix="automl-emulator-", ignore_cleanup_errors=True)


def write_order(job: AutoMLJob, folder: OrderFolder, settings: Settings, s3: S3Access) -> None:
    """Write the order of a job into its folder."""
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
        seed=settings.seed,
        deadline=job.deadline,
        folder=str(folder.path),
        log_file=folder.log_file,
    )
    Path(folder.order_file).touch(mode=0o600)  # it holds a key
    Path(folder.order_file).write_text(json.dumps(asdict(order)), encoding="utf-8")
