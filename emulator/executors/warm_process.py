"""The server's side of the warm process: starts it, asks it for workers, and does not wait for one that hangs."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, BinaryIO

from emulator.executors.environment import training_environment
from emulator.executors.fork_server import MESSAGE_BYTES
from emulator.executors.fresh import REAP_SECONDS
from emulator.executors.process_group import signal_process_group

ANSWER_SECONDS = 10.0
"""A warm process that takes longer to answer hangs; it only forks and waits."""
HELLO_SECONDS = 180.0
"""The same for its imports, which a slow disk makes long."""


class ForkedWorker:
    """A worker that the fork server started."""

    def __init__(self, pid: int, events: BinaryIO, server: "WarmProcess") -> None:
        self.pid = pid
        self.events = events
        self._server = server

    def signal(self, number: int) -> None:
        """Send a signal to the worker and to whatever it started."""
        signal_process_group(self.pid, number)

    def wait(self) -> int | None:
        """The exit code, negative for a signal; None where the fork server that knew it is gone.

        To be asked when the worker has closed its events: one that lingers after that is killed.
        """
        deadline = time.monotonic() + REAP_SECONDS
        try:
            while "exit" not in (answer := self._server.ask({"reap": self.pid})):
                if time.monotonic() > deadline:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(self.pid, signal.SIGKILL)
                time.sleep(0.005)
        except OSError:
            return None
        code: int | None = answer["exit"]
        return code


class WarmProcess:
    """The server's end of the warm process: one request at a time."""

    def __init__(self, leash: int) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "emulator.worker", "warm", str(theirs.fileno()), str(leash)]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(), leash),
                env=training_environment(),
                start_new_session=True,
            )
        assert self._process.stderr is not None  # noqa: S101 - a pipe was asked for
        self._complaints = self._process.stderr
        self._control = ours
        self._lock = threading.Lock()
        self.lost = False
        self._greeted = threading.Event()
        self.hello: dict[str, Any] = {}
        self._greeter = threading.Thread(target=self._await_hello, daemon=True, name="fork-server-hello")
        self._greeter.start()

    def _await_hello(self) -> None:
        try:
            message = self._control.recv(MESSAGE_BYTES)
        except ConnectionResetError:
            message = b""
        self._control.settimeout(ANSWER_SECONDS)
        if message:
            self.hello = json.loads(message)
        elif not self.lost:
            last_words = self._complaints.read().decode(errors="replace").strip().splitlines()
            self.hello = {"problem": last_words[-1] if last_words else "the warm process ended without a word"}
        self._greeted.set()

    def problem(self) -> str | None:
        """Why this process cannot train; waits until it has said so or is ready. Raises OSError where it hangs."""
        if not self._greeted.wait(HELLO_SECONDS) or self.lost:
            self.lost = True
            raise TimeoutError("the warm process does not become ready")
        return self.hello.get("problem")

    def ask(self, request: dict[str, Any], descriptors: tuple[int, ...] = ()) -> dict[str, Any]:
        """Send a request and return its answer. Raises OSError where the process is gone or hangs."""
        try:
            with self._lock:
                if self.lost:  # an answer that came too late would be taken for another's
                    raise ConnectionResetError("the warm process was lost")
                socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
                answer = self._control.recv(MESSAGE_BYTES)
            if not answer:
                raise ConnectionResetError("the warm process is gone")
        except OSError:
            self.lost = True
            raise
        content: dict[str, Any] = json.loads(answer)
        return content

    def start(self, order_file: str, log_file: str) -> ForkedWorker:
        """Fork a worker for an order."""
        events, events_end = os.pipe()
        try:
            with open(log_file, "ab") as log:
                pid = self.ask({"start": order_file}, (events_end, log.fileno()))["pid"]
        except OSError:
            os.close(events)
            raise
        finally:
            os.close(events_end)
        return ForkedWorker(pid, os.fdopen(events, "rb"), self)

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):  # the other end may be gone already
            self._control.shutdown(socket.SHUT_RDWR)
        self._process.kill()
        self._greeter.join()
        self._process.wait()
        self._complaints.close()
        self._control.close()
