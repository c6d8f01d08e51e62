"""Workers forked from a warm process: a job's first training step comes a fifth of a second after its create."""

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from typing import Any, BinaryIO

from emulator import errors
from emulator.executors.environment import training_environment
from emulator.executors.fork_server import MESSAGE_BYTES
from emulator.executors.fresh import FreshExecutor, FreshWorker

ATTEMPTS = 3

logger = logging.getLogger(__name__)


class ForkedWorker:
    """A worker that the fork server started."""

    def __init__(self, pid: int, events: BinaryIO, server: "_ForkServer") -> None:
        self.pid = pid
        self.events = events
        self._server = server

    def wait(self) -> int | None:
        """The exit code, negative for a signal; None where the fork server that knew it is gone."""
        try:
            code: int | None = self._server.ask({"reap": self.pid})["exit"]
        except OSError:
            return None
        return code


class _ForkServer:
    """The server's end of a fork server: one request at a time."""

    def __init__(self, leash: int) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "emulator.worker", "warm", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                env=training_environment(),
                start_new_session=True,
            )
        assert self._process.stderr is not None  # noqa: S101 - a pipe was asked for
        self._complaints = self._process.stderr
        self._control = ours
        self._leash = leash
        self._lock = threading.Lock()
        self._greeted = threading.Event()
        self.hello: dict[str, Any] = {}
        self._greeter = threading.Thread(target=self._await_hello, daemon=True, name="fork-server-hello")
        self._greeter.start()

    def _await_hello(self) -> None:
        try:
            message = self._control.recv(MESSAGE_BYTES)
        except ConnectionResetError:
            message = b""
        if message:
            self.hello = json.loads(message)
        else:
            last_words = self._complaints.read().decode(errors="replace").strip().splitlines()
            self.hello = {"problem": last_words[-1] if last_words else "the warm process ended without a word"}
        self._greeted.set()

    def problem(self) -> str | None:
        """Why this process cannot train; waits until it has said so or is ready."""
        self._greeted.wait()
        return self.hello.get("problem")

    def ask(self, request: dict[str, Any], descriptors: tuple[int, ...] = ()) -> dict[str, Any]:
        """Send a request and return its answer. Raises OSError where the process is gone."""
        with self._lock:
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
            answer = self._control.recv(MESSAGE_BYTES)
        if not answer:
            raise ConnectionResetError("the fork server is gone")
        content: dict[str, Any] = json.loads(answer)
        return content

    def start(self, order_file: str, log_file: str) -> ForkedWorker:
        """Fork a worker for an order."""
        events, events_end = os.pipe()
        try:
            with open(log_file, "ab") as log:
                pid = self.ask({"start": order_file}, (events_end, log.fileno(), self._leash))["pid"]
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


class ForkedExecutor:
    """Starts workers through a fork server, which it starts anew should it be lost."""

    def __init__(self) -> None:
        self._leash, self._leash_end = os.pipe()
        self._lock = threading.Lock()
        self._server: _ForkServer | None = None
        self._fresh = FreshExecutor()

    def boot(self) -> None:
        """Begin to warm up."""
        self._living_server()

    def device(self) -> str | None:
        """Where training runs, once the warm process has looked."""
        return None if self._server is None else self._server.hello.get("device")

    def start(self, order_file: str, log_file: str) -> ForkedWorker | FreshWorker:
        """Run the order in a forked process, or in a fresh one where the warm process has threads.

        Raises JobFailure where training cannot run on this machine.
        """
        for attempt in range(ATTEMPTS):
            server = self._living_server()
            problem = server.problem()
            if problem is not None:
                raise errors.training_unavailable(problem)
            if server.hello["threads"] > 1:
                logger.warning("importing the training code started threads, so each job gets a fresh process")
                return self._fresh.start(order_file, log_file)
            try:
                return server.start(order_file, log_file)
            except OSError as lost:  # the process died since; another one may live
                logger.warning("the warm process was lost (%s), attempt %d", lost, attempt + 1)
                self._discard(server)
        raise errors.worker_lost("no warm process stays alive", "none")

    def close(self) -> None:
        """End the warm process, and with the leash every worker."""
        os.close(self._leash_end)
        self._fresh.close()
        with self._lock:
            if self._server is not None:
                self._server.close()
        os.close(self._leash)

    def _living_server(self) -> _ForkServer:
        with self._lock:
            if self._server is None:
                self._server = _ForkServer(self._leash)
            return self._server

    def _discard(self, server: _ForkServer) -> None:
        with self._lock:
            if self._server is server:
                self._server = None
        server.close()
