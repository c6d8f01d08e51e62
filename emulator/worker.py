"""The training side: `run` does one job in this process, `warm` waits to fork a process for each job."""

import contextlib
import importlib
import json
import logging
import os
import re
import socket
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emulator import errors
from emulator.executors import fork_server
from emulator.executors.leash import end_first, kernel_leash, wear_leash
from emulator.frames import address_in
from emulator.inference.order import SERVICE, ServingOrder
from emulator.problem_types import PROBLEM_TYPES, OutOfTime, Progress, TrainingOrder
from emulator.s3.access import S3Access

_RESULTS = frozenset({"finished", "refused", "expired"})
_DISK_FULL = ("No space left on device", "File too large", "Disk quota exceeded")
"""What the system says in the words of whichever library met it."""
_TRACE = re.compile(r"Traceback \(most|Exception raised from|\bframe #0")
"""Where a library's words go over into a list of calls."""

logger = logging.getLogger("emulator.worker")


class EventStream:
    """Writes events for the server, one JSON line each. Satisfies problem_types.Report."""

    def __init__(self, descriptor: int) -> None:
        self._stream = os.fdopen(descriptor, "wb", buffering=0)
        self._lock = threading.Lock()
        self._over = False

    def send(self, event: str, content: dict[str, Any]) -> None:
        """Write one event; from any thread. Nothing follows a result."""
        line = memoryview(json.dumps({"event": event} | content).encode() + b"\n")
        with self._lock:
            while line and not self._over:
                line = line[self._stream.write(line) :]
            self._over = self._over or event in _RESULTS

    def status(self, secondary_status: str) -> None:
        """The job enters this AutoMLJobSecondaryStatus."""
        logger.info("status %s", secondary_status)
        self.send("status", {"status": secondary_status})

    def progress(self, progress: Progress) -> None:
        """A step of the fine-tune is done."""
        self.send("progress", asdict(progress))


def run(order_file: str, events: int) -> None:
    """Do the job of an order file and report it on the descriptor `events`."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("absl").setLevel(logging.WARNING)
    with open(order_file, encoding="utf-8") as file:
        content = json.load(file)
    if "serve" in content:
        _serve(content["serve"])
        return
    order = TrainingOrder(**content | {"s3": S3Access(**content["s3"])})
    if order.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = order.gpu  # read when CUDA begins, which is later
    report = EventStream(events)
    if order.heartbeat:
        threading.Thread(target=_beat, args=(report, order.heartbeat), daemon=True, name="heartbeat").start()
    trainer = importlib.import_module(PROBLEM_TYPES[order.problem_type].trainer)
    try:
        outcome = trainer.train(order, report)
    except errors.JobFailure as failure:
        logger.error("%s", failure)  # noqa: TRY400 - the reason is for the user, a traceback would not help
        report.send("refused", {"reason": str(failure)})
    except OutOfTime:
        logger.info("the job's longest runtime was over before there was a candidate")
        report.send("expired", {})
    except Exception as defect:
        logger.exception("the fine-tune broke")
        report.send("refused", {"reason": str(_told(defect, order.folder))})
    else:
        report.send("finished", asdict(outcome))


def _serve(content: dict[str, Any]) -> None:
    """Serve a model instead, over the socket in the order's folder."""
    order = ServingOrder(**content | {"s3": S3Access(**content["s3"])})
    with socket.socket(socket.AF_UNIX) as connection:
        with address_in(order.folder) as address:
            connection.connect(address)
        importlib.import_module(SERVICE).serve(order, connection)


def _beat(report: EventStream, seconds: float) -> None:
    """Tell again and again that this process is alive: a step, a download or a tokenizer may take its time."""
    while True:
        report.send("alive", {})
        time.sleep(seconds)


def _told(defect: Exception, folder: str) -> errors.JobFailure:
    """What to tell of an exception that no trainer expected: its words, and nothing of a traceback."""
    words = str(defect)
    if any(sign in words for sign in _DISK_FULL):
        return errors.disk_full(folder)
    return errors.training_broke(type(defect).__name__, " ".join(_TRACE.split(words, maxsplit=1)[0].split()))


def warm(control: socket.socket, leash: int) -> None:
    """Import what every trainer needs, then fork a worker for each order."""
    try:
        for problem_type in PROBLEM_TYPES.values():
            importlib.import_module(problem_type.trainer).preload()
        importlib.import_module(SERVICE)
        device = importlib.import_module("emulator.training.device").best_device()
        hello: dict[str, Any] = {"device": device}
    except ImportError as problem:
        hello = {"problem": str(problem)}
    hello["threads"] = _threads()
    fork_server.serve(control, leash, hello, run)


def _threads() -> int:
    """The threads of this process, those of native libraries included where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def main(arguments: list[str]) -> None:
    """`warm CONTROL_FD LEASH_FD`, or `run ORDER_FILE EVENTS_FD LEASH_FD`."""
    match arguments:
        case ["warm", control, leash]:
            kernel_leash(int(leash))
            with contextlib.suppress(ConnectionError):  # the server is gone, and so is the reason to be here
                warm(socket.socket(fileno=int(control)), int(leash))
        case ["run", order_file, events, leash]:
            wear_leash(int(leash))
            end_first()
            run(order_file, int(events))
        case _:
            sys.exit(main.__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
