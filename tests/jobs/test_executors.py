"""How a worker begins."""

import json
import sys
from pathlib import Path

import pytest

from emulator import errors
from emulator.executors import ForkedExecutor, FreshExecutor
from emulator.executors.fresh import FreshWorker

STUB_WORKER = Path(__file__).parents[1] / "support" / "stub_worker.py"


class WarmWithThreads:
    """A warm process in which a library has started a thread."""

    lost = False
    hello = {"device": "cpu", "threads": 2}  # noqa: RUF012 - read only

    def problem(self) -> None:
        """None: it is ready."""

    def close(self) -> None:
        """There is nothing to end."""


def test_process_with_threads_is_not_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where importing the training code starts threads, a job gets a fresh process: a forked one could hang."""
    executor = ForkedExecutor()
    monkeypatch.setattr(executor, "_server", WarmWithThreads())
    monkeypatch.setattr(executor, "_fresh", FreshExecutor([sys.executable, str(STUB_WORKER)]))
    order = {"job_name": "done-1", "request": {"OutputDataConfig": {"S3OutputPath": "s3://bucket/output"}}}
    (tmp_path / "order.json").write_text(json.dumps(order), encoding="utf-8")
    worker = executor.start(str(tmp_path / "order.json"), str(tmp_path / "training.log"))
    assert isinstance(worker, FreshWorker)
    with worker.events as events:
        assert b'"finished"' in events.read()
    assert worker.wait() == 0
    executor.close()


def test_fresh_worker_is_not_begun_where_it_could_not_train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyTorch, systems whose workers begin as fresh processes give the same reason as those that fork them."""
    monkeypatch.setattr("emulator.executors.fresh.find_spec", lambda _: None)
    executor = FreshExecutor()
    with pytest.raises(errors.JobFailure, match="The emulator cannot train here: No module named 'torch'"):
        executor.start(str(tmp_path / "order.json"), str(tmp_path / "training.log"))
    executor.close()
