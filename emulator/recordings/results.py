"""Which job has run with the same data, model, hyperparameters and seed before."""

import hashlib
import json
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator import __version__, errors
from emulator.jobs.record import AutoMLJob, SecondaryStatus
from emulator.jobs.store import JobStore
from emulator.problem_types import TrainingOrder
from emulator.storage.database import Database

if TYPE_CHECKING:
    from emulator.s3.client import S3  # boto3, which a server that answers nothing itself does without


class Results:
    """The fingerprint of each job's last run, in the database."""

    def __init__(self, database: Database, store: JobStore) -> None:
        self._database = database
        self._store = store

    def find(self, fingerprint: str, s3: "S3") -> AutoMLJob | None:
        """The last job with this fingerprint that has trained to its end, and whose artifacts are all there.

        Of jobs that have ended without that it keeps no row: they would be looked at again each time.
        """
        statement = "SELECT region, name FROM results WHERE fingerprint = ? ORDER BY rowid DESC"
        with self._database.reading() as db:
            rows = db.execute(statement, (fingerprint,)).fetchall()
        for region, name in rows:
            job = next(iter(self._store.named(region, [name])), None)
            if job is not None and _is_there(job, s3):
                return job
            if job is None or job.ended is not None:
                self._forget(region, name)
        return None

    def remember(self, fingerprint: str, order: TrainingOrder) -> None:
        """This job is about to be run; whether that will come to anything is seen when it is looked for."""
        with self._database.changing() as db:
            db.execute("REPLACE INTO results VALUES (?, ?, ?)", (order.region, order.job_name, fingerprint))

    def _forget(self, region: str, name: str) -> None:
        with self._database.changing() as db:
            db.execute("DELETE FROM results WHERE region = ? AND name = ?", (region, name))


def _is_there(job: AutoMLJob, s3: "S3") -> bool:
    """Whether a job has a candidate that no limit of the whole job has cut short, with its artifacts.

    What became of it after the training, whose end a deployment only follows, does not matter.
    """
    candidate = job.candidate
    if candidate is None or (job.secondary_status is SecondaryStatus.MAX_RUNTIME_REACHED and candidate.cut_short):
        return False
    return all(s3.has(uri) for uri in candidate.artifacts.values())


def fingerprint(order: TrainingOrder, s3: "S3") -> str | None:
    """A digest of all that decides what a fine-tune comes to; None where its data cannot be read."""
    try:
        channels = [_channel(channel, s3, Path(order.folder)) for channel in order.request["AutoMLJobInputDataConfig"]]
    except errors.JobFailure:
        return None
    decisive = {
        "channels": channels,
        "problem_type": order.request["AutoMLProblemTypeConfig"],
        "split": order.request.get("DataSplitConfig"),
        "seed": order.seed,
        "device": order.device,
        "models": [order.models, *order.model],
        "versions": [__version__, *map(_version, ("torch", "transformers"))],
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _channel(channel: dict[str, Any], s3: "S3", folder: Path) -> list[Any]:
    """How a channel is read, and the content of its objects in S3's order; their names do not count."""
    digests = []
    for file, _ in s3.download_all(channel["DataSource"]["S3DataSource"]["S3Uri"], folder):
        with file.open("rb") as content:
            digests.append(hashlib.file_digest(content, "sha256").hexdigest())
    return [*(channel.get(member) for member in ("ChannelType", "ContentType", "CompressionType")), digests]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
