"""What a worker takes of memory for large data: 200 MB of CSV, or many long rows, go through it within 1 GB."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.executors.environment import training_environment
from emulator.jobs.folders import RunFolder
from emulator.jobs.orders import write_order
from emulator.jobs.queue import Task
from emulator.jobs.record import AutoMLJob
from emulator.s3.access import S3Access
from emulator.settings import Settings
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server

MEGABYTE = 10**6
HEADER = b"input,output\n"
SENTENCE = b"All work and no play makes a long text. "

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak of a process")


def many_rows() -> bytes:
    """200 MB in rows of 40 bytes, five million of them."""
    return HEADER + b"What is it that you want?,It is a test.\n" * (200 * MEGABYTE // 40)


def large_cells() -> bytes:
    """200 MB in ten rows, and ten short rows, so that no more than half of them are truncated."""
    cell = SENTENCE * (20 * MEGABYTE // len(SENTENCE))
    return HEADER + (cell + b",It is long.\n" + b"What is short?,This.\n") * 10


def long_rows() -> bytes:
    """40 rows as long as a model reads and 50 short ones: many large steps, each of other sizes."""
    rows = [SENTENCE * 180 + b"," + SENTENCE * (40 + row) + b"\n" for row in range(40)]
    return HEADER + b"".join(row + b"What is short?,This.\n" for row in rows) + b"What else?,That.\n" * 10


def one_line() -> bytes:
    """200 MB without a line break."""
    return SENTENCE * (200 * MEGABYTE // len(SENTENCE))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("many-rows", many_rows, "The dataset has more than 1000 rows; Falcon7BInstruct supports at most 1000."),
        ("one-line", one_line, "its columns must be exactly input and output"),
        ("large-cells", large_cells, None),
        ("long-rows", long_rows, None),
    ],
)
def test_large_data_take_less_than_a_gigabyte(
    training_server: Server, tmp_path: Path, name: str, content: Callable[[], bytes], words: str | None
) -> None:
    """Large data fail or complete their job without ever being in memory whole."""
    key = f"memory/{name}.csv"
    training_server.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content())
    end, peak = run_worker(training_server, tmp_path, key)
    training_server.client("s3").delete_object(Bucket=BUCKET, Key=key)
    assert peak < 1000 * MEGABYTE
    if words is None:
        assert end["event"] == "finished", end
    else:
        assert words in end["reason"]


def run_worker(server: Server, path: Path, key: str) -> tuple[dict[str, Any], int]:
    """A worker of our own on an object: its last event, and the most memory that it had, in bytes."""
    parameters = {"epochCount": "1", "batchSize": "8"}
    request = text_generation("memory", channel(key), TextGenerationHyperParameters=parameters)
    job = AutoMLJob("us-east-1", "123456789012", "memory", request, time.time(), time.time())
    folder = RunFolder(path)
    task = Task(job, time.monotonic() + job.longest_runtime)
    write_order(task, folder, Settings(device="cpu"), S3Access(server.url, "test", "test"), None)
    events, events_end = os.pipe()
    leash, leash_end = os.pipe()
    command = [sys.executable, "-m", "emulator.worker", "run", folder.order_file, str(events_end), str(leash)]
    with (
        open(folder.log_file, "wb") as log,
        subprocess.Popen(command, pass_fds=(events_end, leash), stderr=log, env=training_environment()) as worker,
        os.fdopen(leash_end, "wb"),
        os.fdopen(events, "rb") as lines,
    ):
        os.close(events_end)
        peak = peak_until_end(worker)
        last = json.loads(lines.read().splitlines()[-1])
    os.close(leash)
    return last, peak


def peak_until_end(worker: subprocess.Popen[bytes]) -> int:
    """The high-water mark of a process's resident memory."""
    peak = 0
    while worker.poll() is None:
        status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
        peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), peak)
        time.sleep(0.01)
    return peak * 1024
