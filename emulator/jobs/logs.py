"""The training logs of jobs: of a running one from its worker's file, of one that has ended from its artifacts."""

import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from emulator import errors
from emulator.jobs.orders import candidate_name
from emulator.jobs.record import AutoMLJob
from emulator.s3.access import S3Access
from emulator.s3.clients import S3Clients
from emulator.s3.layout import CandidateOutput

PART_BYTES = 2**18
LARGEST_KEPT = 16 * 2**20
CUT_TO = 2**18
CUT = "\n[the log went on to {size} bytes, of which the first are kept]\n"
READERS = 4
"""How many threads may wait for S3 at once: it may be this very server, which needs some to answer them."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LogPart:
    """A part of a log; `next` is where the following one begins. `over` is set once nothing can follow."""

    text: str
    next: int
    over: bool


class JobLogs:
    """Keeps the logs of jobs that leave no candidate, and reads those of all jobs."""

    def __init__(self, s3: S3Access) -> None:
        self._s3 = s3
        self._clients = S3Clients(patient=False)
        self._readers = threading.BoundedSemaphore(READERS)

    def keep(self, job: AutoMLJob, file: Path) -> None:
        """Store the log of a job that did not store it itself, if S3 takes it; the job ends either way."""
        size = _size(file)
        if not size:
            return
        try:
            if size > LARGEST_KEPT:
                _cut(file)
            self._clients.at(self._s3, job.region).upload(file, log_uri(job))
        except Exception as problem:
            defect = not isinstance(problem, errors.JobFailure | OSError)
            logger.warning("the log of %s is not kept: %s", job.name, problem, exc_info=defect)

    def read(self, job: AutoMLJob, file: Path | None, offset: int) -> LogPart:
        """The part of a log that begins at a byte; `file` is the log of a job that is running.

        A job that has begun again meanwhile has a shorter log: it is told from its beginning. Raises JobFailure.
        """
        size = None if file is None else _size(file)
        if file is not None and size is not None:
            offset = offset if offset <= size else 0
            content = _whole_lines(_read(file, offset))
            return LogPart(content.decode(errors="replace"), offset + len(content), over=False)
        if job.ended is None:
            return LogPart("", 0, over=False)
        content = self._stored(job, offset)
        content = content if len(content) < PART_BYTES else _whole_lines(content)
        return LogPart(content.decode(errors="replace"), offset + len(content), over=not content)

    def _stored(self, job: AutoMLJob, offset: int) -> bytes:
        with self._readers:
            return self._clients.at(self._s3, job.region).read(log_uri(job), offset, PART_BYTES)


def log_uri(job: AutoMLJob) -> str:
    """Where a job's training.log is."""
    output = CandidateOutput(job.request["OutputDataConfig"]["S3OutputPath"], job.name, candidate_name(job))
    return output.artifacts["training.log"]


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None


def _cut(file: Path) -> None:
    """Keep the beginning of a log that has no bounds."""
    size = file.stat().st_size
    with file.open("r+b") as log:
        log.truncate(CUT_TO)
        log.seek(0, os.SEEK_END)
        log.write(CUT.format(size=size).encode())


def _read(file: Path, offset: int) -> bytes:
    try:
        with file.open("rb") as log:
            log.seek(offset)
            return log.read(PART_BYTES)
    except FileNotFoundError:  # the run ended just now
        return b""


def _whole_lines(content: bytes) -> bytes:
    """What ends with a line's end, so that no character is cut in two; all of it where a line is endless."""
    whole = content.rfind(b"\n") + 1
    return content if len(content) == PART_BYTES and not whole else content[:whole]
