"""A reset: nothing is left, nothing runs, and everything can begin anew."""

import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError

from emulator import errors
from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from emulator.testing import RunningEmulator
from tests.conftest import STUB_WORKER, fill_bucket
from tests.jobs.test_processes import start_long_job
from tests.support.hosting import make_endpoint
from tests.support.processes import descendants, wait_until_gone
from tests.support.requests import BUCKET, text_generation
from tests.support.server import Server, running_server


def fill(emulator: RunningEmulator) -> None:
    """Put the data of a job where it is expected."""
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    emulator.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")


@pytest.mark.parametrize("path", ["/_emulator/reset", "/moto-api/reset"])
def test_everything_is_forgotten(emulator: RunningEmulator, raw: Server, path: str) -> None:
    """Jobs, tags, objects, faults, outcomes and the seed go, whichever reset is asked for."""
    sagemaker, s3 = raw.client("sagemaker"), raw.client("s3")
    tags = [{"Key": "a", "Value": "b"}]
    arn = sagemaker.create_auto_ml_job_v2(**text_generation("done-1"), Tags=tags)["AutoMLJobArn"]
    emulator.faults.throttle("DescribeAutoMLJobV2", times=None)
    emulator.outcomes.fail()
    emulator.seed(7)
    answer = requests.post(f"{raw.url}{path}", timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert emulator.faults.list() == emulator.outcomes.list() == []
    assert s3.list_buckets()["Buckets"] == []
    assert sagemaker.list_auto_ml_jobs()["AutoMLJobSummaries"] == []
    with pytest.raises(ClientError, match="Could not find resource"):
        sagemaker.list_tags(ResourceArn=arn)


def test_what_is_kept_is_not_reset(tmp_path: Path) -> None:
    """A server with a data directory refuses, and loses nothing: that is not what a test's server is."""
    with running_server("--data-dir", str(tmp_path)) as (server, _):
        server.client("s3").create_bucket(Bucket=BUCKET)
        for path in ("/_emulator/reset", "/moto-api/reset"):
            answer = requests.post(f"{server.url}{path}", timeout=10)
            assert answer.status_code == 400
            assert answer.json()["message"] == errors.reset_would_lose_data().message
        assert server.client("s3").list_buckets()["Buckets"]


def reset_ends_jobs_and_frees_their_names(emulator: RunningEmulator, raw: Server) -> None:
    """See that it does: four jobs run and two are in the queue before it, and four of the same names run after it."""
    for number in range(6):
        raw.client("sagemaker").create_auto_ml_job_v2(**text_generation(f"hold-{number}"))
    raw.wait("hold-0", "TrainingModels")
    emulator.reset()
    assert requests.get(f"{raw.url}/health", timeout=10).json()["jobs"] == {}
    fill(emulator)
    for number in range(4):
        raw.client("sagemaker").create_auto_ml_job_v2(**text_generation(f"hold-{number}"))
    for number in range(4):
        raw.wait(f"hold-{number}", "TrainingModels", seconds=20)


def test_jobs_that_run_or_wait_end_and_their_names_are_free(emulator: RunningEmulator, raw: Server) -> None:
    """Four running jobs and two in the queue are gone after a reset, and a job of the same name runs as a new one."""
    reset_ends_jobs_and_frees_their_names(emulator, raw)


def test_endpoints_are_gone_and_their_names_are_free(emulator: RunningEmulator, raw: Server) -> None:
    """One in service and one that is still loading go; endpoints of the same names come up as new ones."""
    for _ in range(2):
        make_endpoint(raw, "serving")
        make_endpoint(raw, "loading", "hold-model", wait="Creating")
        emulator.reset()
        fill(emulator)
        assert raw.client("sagemaker").list_endpoints()["Endpoints"] == []
        assert raw.client("sagemaker").list_models()["Models"] == []
    make_endpoint(raw, "loading", "quick-model")


def test_reset_lets_go_of_calls_that_wait(emulator: RunningEmulator, raw: Server) -> None:
    """A call that is delayed is answered as soon as the faults are forgotten."""
    emulator.faults.delay("ListAutoMLJobs", 300)
    answers: list[int] = []
    caller = threading.Thread(target=lambda: answers.append(raw.post("ListAutoMLJobs", {}).status_code))
    caller.start()
    while not emulator.faults.list()[0]["struck"]:
        time.sleep(0.01)
    emulator.reset()
    caller.join(10)
    assert answers == [200]


def test_creates_during_resets_leave_a_server_that_works(emulator: RunningEmulator, raw: Server) -> None:
    """Whatever a reset meets on its way, every worker goes on to take jobs afterwards."""
    ended = threading.Event()

    def create() -> None:
        number = 0
        while not ended.is_set():
            raw.post("CreateAutoMLJobV2", text_generation(f"hold-{number % 3}"))
            number += 1

    callers = [threading.Thread(target=create) for _ in range(3)]
    for caller in callers:
        caller.start()
    for _ in range(10):
        emulator.reset()
        fill(emulator)
    ended.set()
    for caller in callers:
        caller.join()
    emulator.reset()
    fill(emulator)
    reset_ends_jobs_and_frees_their_names(emulator, raw)


def test_training_is_killed_within_five_seconds() -> None:
    """A worker that trains is gone five seconds after a reset at the latest, and the next job trains."""
    with running_server("--device", "cpu") as (server, process):
        fill_bucket(server)
        before = descendants(process.pid)
        start_long_job(server, "long")
        workers = descendants(process.pid) - before
        assert requests.post(f"{server.url}/_emulator/reset", timeout=30).status_code == 200
        assert not wait_until_gone(workers, seconds=5)
        fill_bucket(server)
        start_long_job(server, "long")
        assert "BestCandidate" not in server.describe("long")


@pytest.mark.parametrize("content", [{}, {"seed": -1}, {"seed": 2**32}, {"seed": "7"}, {"seed": 1.5}, {"seed": True}])
def test_bad_seed_is_refused(raw: Server, content: dict[str, float | str]) -> None:
    """A seed is a whole number of 32 bits."""
    answer = requests.post(f"{raw.url}/_emulator/seed", json=content, timeout=10)
    assert answer.status_code == 400
    assert "seed" in answer.json()["message"]


def test_jobs_run_after_a_reset_that_broke() -> None:
    """Where what is kept cannot be forgotten, the reset is refused, and jobs begin as before."""

    def broken() -> None:
        raise errors.not_kept("disk I/O error")

    executor = FreshExecutor([sys.executable, str(STUB_WORKER)])
    with Emulator(Settings(port=0, in_memory=True, workers=1), executor) as emulator:
        server = Server(emulator.url)
        fill_bucket(server)
        with pytest.raises(errors.ApiError):
            emulator._parts.runner.reset(broken)
        server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-later"))
        server.wait("done-later", "Completed")
