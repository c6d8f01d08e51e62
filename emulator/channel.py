"""HTTP as waitress reads and writes it, where AWS's clients need it otherwise.

What waitress itself refuses is told in AWS's form, and so is what its parser breaks at. An empty upload that expects
`100-continue`, as boto3 sends it, is answered and not waited for. S3 metadata keys keep their underscores on the way in
and their lower case on the way out. An answer without a length is sent part by part. No client holds a place for long
that it does not use: one that is slow to tell what it wants is cut off, and when places become few, so is the one that
has been idle the longest.
"""

import re
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from io import BytesIO
from threading import get_ident
from typing import TYPE_CHECKING, Any

from waitress import utilities
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask

from emulator import errors, protocol
from emulator.access.gate import Gate
from emulator.calls import AT_ONCE
from emulator.s3.headers import METADATA_HEADERS

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

LONGEST_HEAD_SECONDS = 20.0
"""From the first byte of a request to the end of its headers."""

GRACE_SECONDS = 2.0
"""For which a new connection, or a new request, may be silent when places are few."""

FEW_PLACES = 0.9
"""The share of the most connections above which the longest idle one makes room for each new one."""

CONTROL_THREADS = 4

_UNDERSCORED = re.compile(rb"^(x-amz-meta-[^:\s]*_[^:\s]*):[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_WITHOUT_PREFIX = frozenset({"CONTENT_LENGTH", "CONTENT_TYPE"})
_METADATA_NAME = re.compile(rb"^X-Amz-Meta-[^:]*", re.MULTILINE)


class Parser(HTTPRequestParser):
    """A request parser that refuses what waitress's breaks at, and keeps S3's metadata headers with underscores."""

    request_uri: str
    path: str
    query: str

    def __init__(self, adj: Any, gate: Gate) -> None:
        super().__init__(adj)
        self.metadata_headers: dict[str, str] = {}
        self.refusal: Response | None = None
        self.is_quick = False
        self._gate = gate

    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and the headers. Raises ParsingError."""
        try:
            super().parse_header(header_plus)
        except ValueError as problem:  # a URL or a number that Python cannot read
            raise ParsingError(str(problem)) from problem
        if self.body_rcv is None or self.content_length >= self.adj.max_request_body_size:
            self.expect_continue = False  # waitress would invite a body that never comes, or one that it refuses
        if b"-meta-" in header_plus.lower():
            found = _UNDERSCORED.findall(header_plus)
            self.metadata_headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in found}
        if self.content_length > self.adj.inbuf_overflow or self.chunked:
            self._judge()

    def _judge(self) -> None:
        """Ask whether this body may come, before it fills the disk. Raises ParsingError."""
        self.refusal = self._gate.refusal_before_body(self._environment(), self.content_length)
        if self.refusal is not None:
            self.expect_continue = False
            raise ParsingError("refused")

    def _environment(self) -> dict[str, Any]:
        """What is known of a WSGI environment before there is a body."""
        headers = {name if name in _WITHOUT_PREFIX else f"HTTP_{name}": value for name, value in self.headers.items()}
        about: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "REQUEST_URI": self.request_uri,
            "PATH_INFO": self.path,
        }
        about |= {"REQUEST_URI": self.request_uri, "wsgi.input": BytesIO(), METADATA_HEADERS: self.metadata_headers}
        return headers | about


class Task(WSGITask):
    """One request on its way to the WSGI application and back."""

    request: Any

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment, with the metadata headers that WSGI has no names for."""
        environ: dict[str, Any] = super().get_environment()
        if self.request.metadata_headers:
            environ[METADATA_HEADERS] = self.request.metadata_headers
        if self.request.is_quick:
            environ[AT_ONCE] = True
        return environ

    def write(self, data: bytes) -> None:
        """Write a part of the answer; one of unknown length comes as it is made, and is sent so."""
        super().write(data)
        if self.chunked_response:
            channel: Any = self.channel
            channel.send_now()

    def build_response_header(self) -> bytes:
        """The answer's head; boto3 hands metadata keys to its caller in the case in which they come."""
        head: bytes = super().build_response_header()
        return _METADATA_NAME.sub(lambda name: name[0].lower(), head) if b"X-Amz-Meta-" in head else head


class Refusal(ErrorTask):
    """The answer to what waitress could not read."""

    request: Any
    response_headers: list[tuple[str, str]]

    def execute(self) -> None:
        """Send the error in AWS's form, and close the connection, since what follows cannot be told apart."""
        if self.request.refusal is not None:
            self._send(self.request.refusal.status_code, dict(self.request.refusal.headers), self.request.refusal.data)
            return
        answer = protocol.encode_error(_in_our_words(self.request.error, self.channel.adj), protocol.new_request_id())
        self._send(answer.status, answer.headers, answer.body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = f"{status} {HTTPStatus(status).phrase}"
        self.response_headers.extend((name, value) for name, value in headers.items() if name != "Content-Length")
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def _in_our_words(error: Any, limits: Any) -> errors.ApiError:
    if isinstance(error, utilities.RequestHeaderFieldsTooLarge):
        return errors.headers_too_large(limits.max_request_header_size)
    if isinstance(error, utilities.RequestEntityTooLarge):
        return errors.body_too_large(limits.max_request_body_size)
    if isinstance(error, utilities.InternalServerError):
        return errors.emulator_defect(error.body)
    return errors.malformed_request(error.body.rstrip("."))


class Channel(HTTPChannel):
    """A connection. Its server has a gate."""

    server: Any
    requests_lock: Any
    task_class = Task
    error_task_class = Refusal

    def send_now(self) -> None:
        """Send what is written. waitress would wait for some kilobytes more while its task goes on."""
        with self.outbuf_lock:
            mine: Any = self
            mine._flush_exception(mine._flush_some, do_close=False)
        if self.total_outbufs_len:
            self.server.pull_trigger()

    def __init__(self, server: Any, *others: Any, **options: Any) -> None:
        self.parser_class: Any = partial(Parser, gate=server.gate)
        self.begun = 0.0
        self.read_by: int | None = None
        self.is_to_answer = False
        super().__init__(server, *others, **options)
        _make_room([channel for channel in server.active_channels.values() if channel is not self], self.adj)

    def received(self, data: bytes) -> bool:
        """Take in a part of a request."""
        if self.request is None:
            self.begun = time.time()
        self.read_by = get_ident()
        taken: bool = super().received(data)
        self.read_by = None
        if self.is_to_answer:
            self.is_to_answer = False
            self.service()
        return taken

    def readable(self) -> bool:
        """Whether to read on; not from a client that takes its time over the headers."""
        if self.receives_head and time.time() > self.begun + LONGEST_HEAD_SECONDS:
            self.will_close = True
        ready: bool = super().readable()
        return ready

    def handle_close(self) -> None:
        """Let go of the connection, and of a body that was half received."""
        self._drop_body()
        super().handle_close()

    def close(self) -> None:
        """Do so when the server ends."""
        self._drop_body()
        super().close()

    def _drop_body(self) -> None:
        with self.requests_lock:
            if self.request is not None:
                self.request.close()

    @property
    def receives_head(self) -> bool:
        """Whether a request has begun whose headers have not ended."""
        return self.request is not None and not self.request.headers_finished

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is done for this client: there is no request to answer."""
        return not (self.requests or self.will_close or self.close_when_flushed)


class Dispatcher(ThreadedTaskDispatcher):
    """Hands requests over to threads, but for those that take less time than that: the reading thread answers them.

    With sixteen clients the threads' contest for the interpreter cost two thirds of the answers a second. Control has
    threads of its own: calls that a test has delayed may hold all others, and are let go by control alone.
    """

    def __init__(self, threads: int, is_quick: Callable[[str], bool], is_control: Callable[[str], bool]) -> None:
        super().__init__()
        self.set_thread_count(threads)
        self._is_quick = is_quick
        self._is_control = is_control
        self._control = ThreadedTaskDispatcher()
        self._control.set_thread_count(CONTROL_THREADS)

    def add_task(self, task: Any) -> None:
        """A channel has a request. `is_quick` is asked for its target, `is_control` for its path."""
        request = task.requests[0]
        is_read_here = task.read_by == get_ident()  # and was not left over by a thread that has answered another one
        if is_read_here and request.error is None and self._is_quick(request.headers.get("X_AMZ_TARGET", "")):
            request.is_quick = task.is_to_answer = True
        elif request.error is None and self._is_control(request.path):
            self._control.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """End all threads."""
        self._control.shutdown(cancel_pending, timeout)
        ended: bool = super().shutdown(cancel_pending, timeout)
        return ended


def _make_room(channels: list[Channel], limits: Any) -> None:
    """Where places are few, close the connection that has waited the longest.

    One in the middle of a body or of an answer goes only where all others are new, and may be about to say what they
    want.
    """
    if len(channels) <= FEW_PLACES * limits.connection_limit:
        return
    waiting = [channel for channel in channels if channel.is_waiting]
    if waiting:
        newest = time.time() - GRACE_SECONDS
        min(waiting, key=lambda channel: _rank(channel, newest)).will_close = True


def _rank(channel: Channel, newest: float) -> tuple[bool, bool, float]:
    if channel.total_outbufs_len:
        return channel.last_activity > newest, True, channel.last_activity
    since = max(channel.begun, channel.creation_time)
    return since > newest, channel.request is not None and not channel.receives_head, since
