"""Real worker processes: what is left of them when they, or the server, are killed."""

import os
import signal
from pathlib import Path

import pytest

from tests.conftest import fill_bucket
from tests.support.processes import descendants, stop_descendants, wait_until_gone
from tests.support.requests import text_generation
from tests.support.server import Server, running_server

LONG = {"TextGenerationHyperParameters": {"epochCount": "10", "batchSize": "1"}}

SIGNALS_FROM_A_THREAD = """
import signal, sys, threading
from emulator.cli import main

def tell() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

threading.Timer(3, tell).start()
main(["serve", *sys.argv[1:]])
"""


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


@pytest.mark.parametrize("worker_start", ["fork", "fresh"])
def test_stopped_processes_end_with_the_server(worker_start: str) -> None:
    """A worker and a warm process that SIGSTOP has stopped end with a server that is killed all the same."""
    with running_server("--device", "cpu", "--worker-start", worker_start) as (server, process):
        fill_bucket(server)
        start_long_job(server, "stopped")
        started = stop_descendants(process.pid)
        process.kill()
        process.wait(timeout=15)
        assert not wait_until_gone(started, seconds=5)


@pytest.mark.parametrize("worker_start", ["fork", "fresh"])
def test_stopped_processes_do_not_delay_an_orderly_end(worker_start: str) -> None:
    """SIGTERM ends a server within seconds, as container engines want it, though all its processes are stopped."""
    with running_server("--device", "cpu", "--worker-start", worker_start) as (server, process):
        fill_bucket(server)
        start_long_job(server, "stopped")
        started = stop_descendants(process.pid)
        process.terminate()
        assert process.wait(timeout=5) == 0
        assert not wait_until_gone(started, seconds=1)


def test_stopped_warm_process_is_replaced() -> None:
    """A warm process that hangs (SIGSTOP) costs the next job some seconds, and is gone then."""
    with running_server("--device", "cpu", "--worker-start", "fork") as (server, process):
        fill_bucket(server)
        start_long_job(server, "first")
        sagemaker = server.client("sagemaker")
        sagemaker.stop_auto_ml_job(AutoMLJobName="first")
        server.wait("first", "Stopped")
        (warm,) = descendants(process.pid)
        os.kill(warm, signal.SIGSTOP)
        start_long_job(server, "second")
        assert not wait_until_gone({warm}, seconds=5)


def test_hanging_worker_fails_its_job() -> None:
    """A worker that SIGSTOP has stopped gives no sign of life, which a training one does."""
    with running_server("--device", "cpu", "--worker-silence", "6") as (server, process):
        fill_bucket(server)
        before = descendants(process.pid)
        start_long_job(server, "hanging")
        workers = descendants(process.pid) - before
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        reason = server.wait("hanging", "Failed", seconds=60)["FailureReason"]
        assert reason.endswith("The training process gave no sign of life for 6 seconds and was ended.")
        assert not wait_until_gone(workers, seconds=5)


def test_server_hears_a_signal_that_another_thread_took() -> None:
    """A signal ends the server even if it reaches a thread that does not wait for it, or comes just before the wait."""
    with running_server(program=("-c", SIGNALS_FROM_A_THREAD)) as (_, process):
        assert process.wait(timeout=30) == 0


def test_killed_server_leaves_no_folder_behind_the_next(tmp_path: Path) -> None:
    """What a killed server has in the folder of temporary files is gone once another has started, and only that."""
    stub = ("-m", "tests.support.stub_server")
    (tmp_path / "automl-emulator-of-somebody").mkdir()
    with running_server(program=stub, TMPDIR=str(tmp_path)) as (first, process):
        fill_bucket(first)
        first.client("sagemaker").create_auto_ml_job_v2(**text_generation("hold-folder"))
        first.wait("hold-folder", "TrainingModels")
        used = {folder for folder in tmp_path.iterdir() if folder.name != "automl-emulator-of-somebody"}
        assert used
        with running_server(program=stub, TMPDIR=str(tmp_path)):
            assert used <= set(tmp_path.iterdir())  # their server lives
        process.kill()
        process.wait()
        assert used <= set(tmp_path.iterdir())
        with running_server(program=stub, TMPDIR=str(tmp_path)):
            assert not used & set(tmp_path.iterdir())
    assert [folder.name for folder in tmp_path.iterdir()] == ["automl-emulator-of-somebody"]
