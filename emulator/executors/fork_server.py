"""The warm process: it has imported all that training needs, and forks a fresh worker for each job.

It computes nothing itself: a process that has run tensor operations, or has threads, must not be forked.
"""

import gc
import json
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

GRACE_SECONDS = 5.0
MESSAGE_BYTES = 65_536


def serve(control: socket.socket, hello: dict[str, Any], run: Callable[[str, int], None]) -> None:
    """Answer the server's requests, one JSON message each, until it is gone.

    `{"start": order file}` with the descriptors (events, log, leash) -> `{"pid": n}`;
    `{"reap": pid}` -> `{"exit": code or null}`. `run(order file, events descriptor)` does the job in the worker.
    """
    gc.collect()
    gc.freeze()  # a worker's first full collection would touch, and so copy, every object here: a quarter of a second
    control.send(json.dumps(hello).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 3)
        if not message:
            return
        request = json.loads(message)
        if "start" in request:
            pid = os.fork()
            if pid == 0:
                control.close()
                _become_worker(request["start"], descriptors, run)
            for descriptor in descriptors:
                os.close(descriptor)
            answer: dict[str, Any] = {"pid": pid}
        else:
            answer = {"exit": _reap(request["reap"])}
        control.send(json.dumps(answer).encode())


def _become_worker(order_file: str, descriptors: list[int], run: Callable[[str, int], None]) -> None:
    status = 1
    try:
        events, log, leash = descriptors
        os.setsid()
        os.dup2(log, 1)
        os.dup2(log, 2)
        wear_leash(leash)
        run(order_file, events)
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def wear_leash(leash: int) -> None:
    """End this process's group as soon as the server is gone: then the other end of the pipe closes."""

    def watch() -> None:
        os.read(leash, 1)
        os.killpg(0, 9)

    threading.Thread(target=watch, daemon=True, name="leash").start()


def _reap(pid: int) -> int | None:
    """The exit code of a worker that closed its events; one that lingers is killed."""
    deadline = time.monotonic() + GRACE_SECONDS
    try:
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > deadline:
                os.killpg(pid, 9)
            time.sleep(0.002)
    except ChildProcessError:
        return None
