"""Real worker processes: what is left of them when they, or the server, are killed."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import fill_bucket
from tests.support.requests import text_generation
from tests.support.server import Server, running_server

LONG = {"TextGenerationHyperParameters": {"epochCount": "10", "batchSize": "1"}}


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, directly or not."""
    children = {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    for task in Path(f"/proc/{pid}/task").iterdir():
        children |= {int(child) for child in (task / "children").read_text().split()}
    return children.union(*(descendants(child) for child in children))


def wait_until_gone(pids: set[int], seconds: float) -> set[int]:
    """Those of the processes that are still there after so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pids = {pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state(pid)}
        if not pids:
            break
        time.sleep(0.05)
    return pids


def state(pid: int) -> str:
    """The state letter of a process, Z where it is a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def start_long_job(server: Server, name: str) -> None:
    """Create a job that trains for a while, and wait until it does."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, **LONG))
    server.wait(name, "TrainingModels")


@pytest.mark.parametrize("worker_start", ["fork", "fresh"])
def test_killed_worker_fails_its_job_and_the_next_one_runs(worker_start: str) -> None:
    """Kill -9 of a worker fails its own job with a reason, and the server goes on to train the next."""
    with running_server("--device", "cpu", "--worker-start", worker_start) as (server, process):
        fill_bucket(server)
        before = descendants(process.pid)
        start_long_job(server, "killed")
        (worker,) = descendants(process.pid) - before
        os.kill(worker, signal.SIGKILL)
        reason = server.wait("killed", "Failed", seconds=20)["FailureReason"]
        assert "The training process ended unexpectedly (exit status -9)" in reason
        start_long_job(server, "next")


@pytest.mark.parametrize("worker_start", ["fork", "fresh"])
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_server(worker_start: str, end: signal.Signals) -> None:
    """However the server ends, its warm process and its workers end with it."""
    with running_server("--device", "cpu", "--worker-start", worker_start) as (server, process):
        fill_bucket(server)
        start_long_job(server, "orphan")
        started = descendants(process.pid)
        assert started
        process.send_signal(end)
        assert process.wait(timeout=15) == (-signal.SIGKILL if end == signal.SIGKILL else 0)
        assert not wait_until_gone(started, seconds=5)


def test_killed_warm_process_is_replaced() -> None:
    """Kill -9 of the warm process loses no job: the next one is forked from a new warm process."""
    with running_server("--device", "cpu", "--worker-start", "fork") as (server, process):
        fill_bucket(server)
        start_long_job(server, "first")
        sagemaker = server.client("sagemaker")
        sagemaker.stop_auto_ml_job(AutoMLJobName="first")
        server.wait("first", "Stopped")
        (warm,) = descendants(process.pid)
        os.kill(warm, signal.SIGKILL)
        wait_until_gone({warm}, seconds=5)
        start_long_job(server, "second")
