"""The warm process: it has imported all that training needs, and forks a fresh worker for each job.

It computes nothing itself: a process that has run tensor operations, or has threads, must not be forked.
"""

import gc
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from emulator.executors.leash import end_first, wear_leash

MESSAGE_BYTES = 65_536


def serve(control: socket.socket, leash: int, hello: dict[str, Any], run: Callable[[str, int], None]) -> None:
    """Answer the server's requests, one JSON message each, until it is gone; none of them takes long.

    `{"start": order file}` with the descriptors (events, log) -> `{"pid": n}`; `{"reap": pid}` -> `{}` while the
    worker runs, then `{"exit": code or null}`. `run(order file, events descriptor)` does the job in the worker.
    """
    gc.collect()
    gc.freeze()  # a worker's first full collection would touch, and so copy, every object here: a quarter of a second
    control.send(json.dumps(hello).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 2)
        if not message:
            return
        request = json.loads(message)
        if "start" in request:
            pid = os.fork()
            if pid == 0:
                control.close()
                _become_worker(request["start"], (*descriptors, leash), run)
            for descriptor in descriptors:
                os.close(descriptor)
            answer: dict[str, Any] = {"pid": pid}
        else:
            answer = _reap(request["reap"])
        control.send(json.dumps(answer).encode())


def _become_worker(order_file: str, descriptors: tuple[int, ...], run: Callable[[str, int], None]) -> None:
    status = 1
    try:
        events, log, leash = descriptors
        os.setsid()
        os.dup2(log, 1)
        os.dup2(log, 2)
        wear_leash(leash)
        end_first()
        run(order_file, events)
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _reap(pid: int) -> dict[str, int | None]:
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return {"exit": None}
    return {"exit": os.waitstatus_to_exitcode(status)} if ended else {}
