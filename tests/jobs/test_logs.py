"""Where a job's log is: in CloudWatch Logs while it runs, in the artifacts, and in `automl-emulator logs`."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import fill_bucket
from tests.support.access import strict_server
from tests.support.processes import let_go_on
from tests.support.requests import BUCKET, text_generation
from tests.support.server import Server, running_server

GROUP = "/aws/sagemaker/TrainingJobs"


def create(server: Server, name: str) -> None:
    """Create a job that plays the scenario of its name."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name))


def streams(server: Server, name: str) -> list[str]:
    """The log streams of a job, as soon as there are any."""
    logs = server.client("logs")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        groups = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
        found = groups and logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=name)["logStreams"]
        if found:
            return [stream["logStreamName"] for stream in found]
        time.sleep(0.05)
    raise AssertionError("no log stream")


def messages(server: Server, stream: str) -> list[str]:
    """The messages of a stream."""
    answer = server.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)
    return [event["message"] for event in answer["events"]]


def command(server: Server, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """`automl-emulator logs` against the server."""
    program = [sys.executable, "-m", "emulator", "logs", "--endpoint-url", server.url, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(program, stdout=pipe, stderr=pipe, text=True, env=os.environ | environment)


def test_log_is_followed_while_the_job_runs(own_server: Server) -> None:
    """Lines are in CloudWatch Logs and in `logs --follow` while the job runs; the command ends with the job."""
    create(own_server, "talk-1")
    (stream,) = streams(own_server, "talk-1")
    candidate, algorithm = stream.split("/")
    assert candidate.startswith("talk-1")
    assert algorithm.startswith("algo-1-")
    assert messages(own_server, stream) == ["INFO the first line"]
    with command(own_server, "talk-1", "-f") as following:
        assert following.stdout is not None
        assert following.stdout.readline() == "INFO the first line\n"
        let_go_on("talk-1")
        own_server.wait("talk-1", "Completed")
        _, told = following.communicate(timeout=20)
        assert (following.returncode, told) == (0, "")
    assert messages(own_server, stream) == ["INFO the first line", "INFO the second line ✓"]
    found: Any = own_server.client("logs").filter_log_events(logGroupName=GROUP, filterPattern='"second line"')
    assert stream in {event["logStreamName"] for event in found["events"]}


@pytest.mark.parametrize(("scenario", "status"), [("crash", "Failed"), ("words", "Stopped")])
def test_log_of_a_job_without_candidate_is_an_artifact(own_server: Server, scenario: str, status: str) -> None:
    """training.log is in the output folder of a job that failed or was stopped, and the command prints it."""
    name = f"{scenario}-log"
    create(own_server, name)
    if scenario == "words":
        streams(own_server, name)
        own_server.client("sagemaker").stop_auto_ml_job(AutoMLJobName=name)
    own_server.wait(name, status, seconds=20)
    found = own_server.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"output/{name}/tuning/{name}")["Contents"]
    (key,) = [item["Key"] for item in found]
    assert key.endswith("/output/training.log")
    content = own_server.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert "about to crash" in content or "some words" in content
    with command(own_server, name) as printing:
        assert printing.communicate(timeout=20)[0] == content


def test_long_log_is_cut_in_cloudwatch_alone() -> None:
    """CloudWatch Logs gets the first megabytes, and a last line that says where the rest is."""
    with running_server(program=("-m", "tests.support.stub_server")) as (server, _):
        fill_bucket(server)
        create(server, "verbose-1")
        server.wait("verbose-1", "Failed", seconds=30)
        (stream,) = streams(server, "verbose-1")
        answer = server.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)
        assert answer["events"][-1]["message"] == "[the log is longer; all of it is in training.log]"
        with command(server, "verbose-1") as printing:
            printed, _ = printing.communicate(timeout=30)
    assert printed.count("\n") == 45_000


def test_log_that_is_not_there_is_told(own_server: Server) -> None:
    """The command ends with a message for a job, a region or a server that is not there."""
    create(own_server, "done-quiet")
    own_server.wait("done-quiet", "Completed")
    nowhere = Server("http://127.0.0.1:9")
    for server, arguments, words in (
        (own_server, ("no-such-job",), "no-such-job"),
        (
            own_server,
            ("arn:aws:automl-job/no-such-job",),
            "can't find an AutoML job called arn:aws:automl-job/no-such-job",
        ),
        (own_server, ("done-quiet", "--region", "eu-west-1"), "done-quiet"),
        (nowhere, ("done-quiet",), "No emulator answers at http://127.0.0.1:9"),
    ):
        with command(server, *arguments) as refused:
            printed, told = refused.communicate(timeout=20)
            assert (refused.returncode, printed) == (1, "")
            assert words in told
            assert "Traceback" not in told


def test_log_from_a_place_that_is_none(own_server: Server) -> None:
    """A log is told from its beginning where the place asked for is no number of bytes that any file has."""
    create(own_server, "done-placed")
    own_server.wait("done-placed", "Completed")
    page = f"{own_server.url}/_emulator/jobs/done-placed/log"
    whole = requests.get(page, timeout=10).json()
    for offset in ("9" * 30, "9" * 5000, "-1", "x"):
        answer = requests.get(f"{page}?offset={offset}", timeout=10)
        assert (answer.status_code, answer.json()) == (200, whole)


def test_log_is_asked_for_with_a_signature(tmp_path: Path) -> None:
    """A server with --require-auth shows a log to the keys that it knows, and refuses another one in words."""
    with strict_server(tmp_path) as server:
        fill_bucket(server)
        create(server, "hold-strict")
        with command(server, "hold-strict", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test") as known:  # noqa: S106
            assert known.communicate(timeout=20) == ("", "")
            assert known.returncode == 0
        with command(server, "hold-strict", AWS_ACCESS_KEY_ID="other", AWS_SECRET_ACCESS_KEY="test") as other:  # noqa: S106
            printed, told = other.communicate(timeout=20)
            assert (other.returncode, printed) == (1, "")
            assert "security token included in the request is invalid" in told
