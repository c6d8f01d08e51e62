"""A process that serves one model, as the server sees it."""

import contextlib
import itertools
import json
import os
import queue
import selectors
import signal
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from emulator import errors
from emulator.endpoints.serving import Invocation
from emulator.executors.last_words import last_words
from emulator.frames import Frame, address_in, read_frame, send_frame

LOAD_SECONDS = 900.0
SEND_SECONDS = 5
PING_SECONDS = 2.0
STUCK_SECONDS = 30.0
"""Without a step of the model, while there is something to write, after which the process is taken to hang."""
ORDER = "order.json"
LOG = "serving.log"


class Started(Protocol):
    """A process that an executor started, the leader of its group."""

    pid: int
    events: BinaryIO

    def wait(self) -> int | None:
        """The exit code, negative for a signal; None where nobody knows it any more."""


Start = Callable[[str, str], Started]
"""Starts a process for an order file, its output going to a log file. Raises JobFailure or OSError."""

_LOST = Frame({"lost": True}, b"")


class ServingProcess:
    """A serving process from its start to its end; making one makes its folder alone.

    `order` is what the process is told, but for the folder.
    """

    def __init__(self, start: Start, order: dict[str, Any], scratch: Path | None = None) -> None:
        self._variant: str = order["variant"]
        self._start = start
        self._folder = tempfile.TemporaryDirectory(prefix="endpoint-", dir=scratch, ignore_cleanup_errors=True)
        self._order = order | {"folder": self._folder.name}
        self._started: Started | None = None
        self._connection: socket.socket | None = None
        self._answers: dict[int, queue.SimpleQueue[Frame]] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._killed = False
        self._gone = threading.Event()
        self._dead = threading.Event()
        self._end = "never started"
        self._last_words = ""

    def load(self) -> None:
        """Start it, and wait until the model is loaded. Raises EndpointFailure; the process is gone then."""
        try:
            connection = self._connected()
            loaded = self._first_word(connection)
        except BaseException:
            self.kill()
            raise
        if "failed" in loaded:
            self.kill()
            raise errors.EndpointFailure(loaded["failed"])

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._connection is not None and not self._gone.is_set()

    @property
    def pid(self) -> int | None:
        """Its process id, once it has one."""
        return None if self._started is None else self._started.pid

    def kill(self) -> None:
        """End it at once, and all that is left of it; whoever waits for an answer is told."""
        self._killed = True
        self._gone.set()
        started = self._started
        if started is None:
            self._folder.cleanup()
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        self._dead.wait(SEND_SECONDS)

    def ask(self, invocation: Invocation) -> "Asked":
        """Send a request. Raises ContainerError where the process is gone."""
        asked = Asked(self, next(self._numbers), time.monotonic() + invocation.seconds)
        content = {
            "invoke": asked.number,
            "content_type": invocation.content_type,
            "streaming": invocation.streaming,
        }
        self._expect(asked.number, asked.frames)
        if not self._send(content, invocation.body):
            self._hang()
            raise errors.invocation_timed_out()
        return asked

    def forget(self, number: int, *, cancel: bool) -> None:
        """Nobody waits for an answer any more."""
        with self._lock:
            self._answers.pop(number, None)
        if cancel and self.alive:
            self._send({"cancel": number})

    def end_if_stuck(self) -> None:
        """Kill it where it does not answer, or does not get on with what it has to write."""
        number, frames = next(self._numbers), queue.SimpleQueue[Frame]()
        self._expect(number, frames)
        try:
            stuck = not self._send({"ping": number}) or frames.get(timeout=PING_SECONDS).content["stuck_for"]
        except queue.Empty:
            stuck = True
        except KeyError:  # it is gone
            return
        finally:
            self.forget(number, cancel=False)
        if stuck is True or stuck > STUCK_SECONDS:
            self._hang()

    def how_it_ended(self) -> str:
        """The end of a process, in words."""
        self._dead.wait(SEND_SECONDS)
        return self._end

    def _connected(self) -> socket.socket:
        folder = Path(self._folder.name)
        with socket.socket(socket.AF_UNIX) as listener:
            with address_in(self._folder.name) as address:
                listener.bind(address)
            listener.listen(1)
            (folder / ORDER).touch(mode=0o600)  # it holds a key
            (folder / ORDER).write_text(json.dumps({"serve": self._order}), encoding="utf-8")
            try:
                self._started = self._start(str(folder / ORDER), str(folder / LOG))
            except (errors.JobFailure, OSError) as problem:
                raise errors.serving_unavailable(str(problem)) from problem
            connected = self._awaits(listener, self._started.events)
            threading.Thread(target=self._bury, daemon=True, name="serving-end").start()
            if not connected:
                raise self._not_begun()
            connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))
        self._connection = connection
        return connection

    def _awaits(self, listener: socket.socket, events: BinaryIO) -> bool:
        """Whether the process connects, rather than ending or doing nothing."""
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(events, selectors.EVENT_READ)
            deadline = time.monotonic() + LOAD_SECONDS
            while time.monotonic() < deadline and not self._killed:
                ready = [key.fileobj for key, _ in selector.select(PING_SECONDS)]
                if ready:
                    return listener in ready
        return False

    def _first_word(self, connection: socket.socket) -> dict[str, Any]:
        """What the process says once the model is loaded, or cannot be."""
        words: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._expect(-1, words)
        threading.Thread(target=self._listen, args=(connection,), daemon=True, name="serving-answers").start()
        try:
            content = words.get(timeout=LOAD_SECONDS).content
        except queue.Empty:
            raise self._not_begun() from None
        if "lost" in content:
            raise self._not_begun()
        return content

    def _not_begun(self) -> errors.EndpointFailure:
        if self._killed:
            return errors.serving_closed()
        how = self._end if self._dead.wait(SEND_SECONDS) else "it did not become ready"
        return errors.serving_not_begun(self._variant, f"Its process ended: {how}. {self._last_words}")

    def _listen(self, connection: socket.socket) -> None:
        """Hand each frame to whoever waits for it, until the process is gone."""
        with connection.makefile("rb") as stream:
            while (frame := read_frame(stream)) is not None:
                number = next((frame.content[name] for name in _NUMBERED if name in frame.content), -1)
                with self._lock:
                    waiting = self._answers.get(number)
                if waiting is not None:
                    waiting.put(frame)
        self._lose()

    def _lose(self) -> None:
        self._gone.set()
        with self._lock:
            waiting = list(self._answers.values())
            self._answers.clear()
        for frames in waiting:
            frames.put(_LOST)

    def _bury(self) -> None:
        """Wait for the end of the process, and take away what it leaves."""
        assert self._started is not None  # noqa: S101 - the thread begins after the process
        with self._started.events as events:
            events.read()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._started.pid, signal.SIGKILL)
        code = self._started.wait()
        self._end = "nobody knows how" if code is None else f"signal {-code}" if code < 0 else f"exit status {code}"
        with contextlib.suppress(OSError):
            self._last_words = last_words(Path(self._folder.name, LOG))
        self._lose()
        if self._connection is not None:
            self._connection.close()
        self._dead.set()
        self._folder.cleanup()

    def _expect(self, number: int, frames: "queue.SimpleQueue[Frame]") -> None:
        with self._lock:
            self._answers[number] = frames
        if self._gone.is_set():
            self._lose()

    def _send(self, content: dict[str, Any], payload: bytes = b"") -> bool:
        """Whether the process took a frame; one that does not read hangs, and gets half of it."""
        connection = self._connection
        if connection is None or self._dead.is_set():
            return True  # its end is told to whoever waits
        try:
            with self._sending:
                send_frame(connection, content, payload)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _hang(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.kill()


_NUMBERED = ("part", "end", "refused", "pong")


class Asked:
    """A request on its way: its answer's frames, until a deadline."""

    def __init__(self, process: ServingProcess, number: int, deadline: float) -> None:
        self.number = number
        self.frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._process = process
        self._deadline = deadline

    def parts(self) -> Iterator[Frame]:
        """The parts of the answer as they come. Raises ContainerError."""
        cancel = True
        try:
            while True:
                frame = self._next()
                if "end" in frame.content:
                    cancel = False
                    return
                if "refused" in frame.content:
                    cancel = False
                    raise errors.ContainerError(frame.content["status"], frame.payload.decode(), frame.content["kind"])
                yield frame
        finally:
            self._process.forget(self.number, cancel=cancel)

    def _next(self) -> Frame:
        try:
            frame = self.frames.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except queue.Empty:
            self._process.forget(self.number, cancel=True)
            self._process.end_if_stuck()
            raise errors.invocation_timed_out() from None
        if "lost" in frame.content:
            raise errors.container_lost(self._process.how_it_ended())
        return frame
