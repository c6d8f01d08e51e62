"""Logs of jobs that S3 does not take."""

import logging
from pathlib import Path

import pytest

from emulator import errors
from emulator.jobs.logs import JobLogs
from emulator.jobs.record import AutoMLJob
from emulator.s3.access import S3Access
from tests.support.requests import ROLE


@pytest.mark.parametrize(
    ("problem", "traced"),
    [(errors.JobFailure("S3 is not there"), False), (OSError("no room"), False), (AttributeError("no name"), True)],
)
def test_defect_is_told_with_its_place(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    problem: Exception,
    traced: bool,
) -> None:
    """A log that is not kept is told of in a line; where the cause is the emulator's own fault, with a traceback."""

    def fail(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr("emulator.s3.clients.S3Clients.at", fail)
    (tmp_path / "training.log").write_text("words", encoding="utf-8")
    request = {"RoleArn": ROLE, "OutputDataConfig": {"S3OutputPath": "s3://bucket/output"}}
    job = AutoMLJob("us-east-1", "123456789012", "job", request, 1.0, 1.0)
    JobLogs(S3Access("http://127.0.0.1:9")).keep(job, tmp_path / "training.log")
    (told,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert told.getMessage() == f"the log of job is not kept: {problem}"
    assert bool(told.exc_info) is traced
