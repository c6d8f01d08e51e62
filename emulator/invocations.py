"""InvokeEndpoint and InvokeEndpointWithResponseStream, from HTTP to the model's container and back.

The runtime is another service than the API: REST, with errors of its own. Whatever the container answers but a text is
its ModelError, whatever a call lacks its ValidationError.
"""

import json
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from waitress.channel import ClientDisconnected

from emulator import errors, event_stream, protocol
from emulator.access.gate import Gate
from emulator.calls import WSGI, respond, status_line
from emulator.control.faults import ConnectionDropped
from emulator.credential_scope import region_of, service_of
from emulator.endpoints.serving import Invocation, ModelServer, Reply
from emulator.refusals import S3_SERVICES
from emulator.settings import Settings
from emulator.validation.constraints import check_invocation

LARGEST_BODY = 6_291_456
"""Of an invocation, in bytes: 6 MB (documented)."""
LONGEST_SECONDS = 60.0
"""Until an answer has to be whole (documented: models have 60 seconds to respond)."""
MOST_OF_ONE = 48
"""Invocations of one endpoint that are being answered: what is slow there leaves room for other endpoints."""
MOST_AT_ONCE = 80
"""Of all endpoints; the rest of the server's threads are for all other calls, S3 among them."""

RUNTIME_OPERATIONS = ("InvokeEndpoint", "InvokeEndpointWithResponseStream")
_OPERATIONS = dict(
    zip(
        ("invocations", "invocations-response-stream", "async-invocations"),
        (*RUNTIME_OPERATIONS, "InvokeEndpointAsync"),
        strict=True,
    )
)
"""Each operation by the end of its path."""
_PATH = re.compile(rf"/endpoints/(?P<name>[^/]*)/(?P<operation>{'|'.join(_OPERATIONS)})")
_PREFIX = "X-Amzn-SageMaker-"
_TARGETS = tuple(
    f"{_PREFIX}{target}" for target in ("Target-Model", "Target-Container-Hostname", "Inference-Component")
)
"""Headers that choose within an endpoint of several models or containers."""
_TIMED_OUT, _BROKEN = "ModelInvocationTimeExceeded", "StreamBroken"

logger = logging.getLogger(__name__)

Target = Callable[[str, str, str, str | None], tuple[ModelServer, str]]
"""What serves a region's and an account's endpoint, for a variant or for none in particular, and its variant's name."""


@dataclass(frozen=True)
class _Call:
    """An invocation as it came."""

    endpoint: str
    region: str
    account: str
    variant: str | None
    invocation: Invocation


class Invocations:
    """The WSGI application of the runtime. `strike` does to a call what a test has set for its operation."""

    def __init__(self, settings: Settings, target: Target, gate: Gate, strike: Callable[[str], None]) -> None:
        self._settings = settings
        self._target = target
        self._gate = gate
        self._strike = strike
        self._places = Places(MOST_OF_ONE, MOST_AT_ONCE)

    def __call__(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Answer one invocation: 200, or an error in the runtime's form."""
        request_id = protocol.new_request_id()
        try:
            call = self._call(environ)
            self._struck(call)
            server, variant = self._target(call.region, call.account, call.endpoint, call.variant)
            headers = {"x-amzn-RequestId": request_id, "x-Amzn-Invoked-Production-Variant": variant}
            reply = self._reply(call, server)
            if call.invocation.streaming:
                return _stream(reply, headers, start_response)
            body = self._whole(call, reply)
        except errors.ApiError as error:
            return respond(_encode_error(error, request_id), environ, start_response)
        except ConnectionDropped:
            raise ClientDisconnected from None
        except Exception as defect:
            logger.exception("invocation %s broke", request_id)
            return respond(_encode_error(errors.emulator_defect(repr(defect)), request_id), environ, start_response)
        answer = protocol.Answer(200, headers | {"Content-Type": reply.content_type}, body)
        return respond(answer, environ, start_response)

    def _call(self, environ: WSGI) -> _Call:
        """What is asked for. Raises ApiError."""
        path = _PATH.fullmatch(environ["PATH_INFO"])
        if path is None or environ["REQUEST_METHOD"] != "POST":
            raise errors.no_operation_addressed()
        name, operation = path["name"], _OPERATIONS[path["operation"]]
        self._gate.check_invocation(environ)
        check_invocation(operation, name, partial(_header, environ))
        region, account = region_of(environ), self._settings.account
        if operation not in RUNTIME_OPERATIONS:
            self._target(region, account, name, None)  # a name that is nobody's is told first
            raise errors.not_asynchronous(name)
        body: bytes = environ["wsgi.input"].read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise errors.invocation_too_large(LARGEST_BODY)
        for header in _TARGETS:
            if _header(environ, header):
                raise errors.header_not_supported(header, name)
        invocation = _invocation(environ, body, streaming=operation == RUNTIME_OPERATIONS[True])
        return _Call(name, region, account, _header(environ, f"{_PREFIX}Target-Variant"), invocation)

    def _struck(self, call: _Call) -> None:
        """Do to a call what a test has set for it; a ModelError's words are then its container's. Raises ApiError."""
        try:
            self._strike(RUNTIME_OPERATIONS[call.invocation.streaming])
        except errors.ApiError as fault:
            if fault.code != "ModelError":
                raise
            answer = errors.ContainerError(fault.status, fault.message or "")
            raise errors.model_error_of(answer, call.endpoint, call.region, call.account) from fault

    def _reply(self, call: _Call, server: ModelServer) -> "_Held":
        """The container's answer, from its first part on. Raises ModelError."""
        leave = self._places.take((call.region, call.endpoint))
        if leave is None:
            raise errors.model_error_of(errors.model_overloaded(), call.endpoint, call.region, call.account)
        try:
            return _Held(server.invoke(call.invocation), leave)
        except errors.ContainerError as answer:
            leave()
            raise errors.model_error_of(answer, call.endpoint, call.region, call.account) from answer
        except BaseException:
            leave()
            raise

    def _whole(self, call: _Call, reply: "_Held") -> bytes:
        try:
            return b"".join(reply)
        except errors.ContainerError as answer:
            raise errors.model_error_of(answer, call.endpoint, call.region, call.account) from answer
        finally:
            reply.close()


def is_invocation(environ: WSGI) -> bool:
    """Whether a request is for the runtime: by its path, unless it is signed for S3 (a bucket may be `endpoints`)."""
    path = environ.get("PATH_INFO", "/")
    if not path.startswith("/endpoints/") or not _PATH.fullmatch(path):
        return False
    service = service_of(environ)
    return service == "sagemaker" or (service not in S3_SERVICES and environ["REQUEST_METHOD"] == "POST")


class Places:
    """How many invocations are being answered, of each endpoint and of all, and whether there is room for one more."""

    def __init__(self, of_one: int, of_all: int) -> None:
        self._of_one = of_one
        self._of_all = of_all
        self._taken: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def take(self, endpoint: Hashable) -> Callable[[], None] | None:
        """Take a place, and how to leave it; None where there is none."""
        with self._lock:
            if self._taken[endpoint] >= self._of_one or self._taken.total() >= self._of_all:
                return None
            self._taken[endpoint] += 1
        return partial(self._leave, endpoint)

    def _leave(self, endpoint: Hashable) -> None:
        with self._lock:
            self._taken[endpoint] -= 1
            self._taken += Counter()  # forgets those that have none


class _Held:
    """A reply that keeps its place among the invocations until it is closed."""

    def __init__(self, reply: Reply, release: Callable[[], None]) -> None:
        self.content_type = reply.content_type
        self._parts = reply.parts
        self._release: Callable[[], None] | None = release

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        """Give up what is left of it."""
        release, self._release = self._release, None
        if release is not None:
            try:
                self._parts.close()
            finally:
                release()


class _Events:
    """A reply as an event stream; WSGI closes it, at its end or when the caller has gone away."""

    def __init__(self, reply: _Held) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        try:
            for part in self._reply:
                yield event_stream.event("PayloadPart", part)
        except errors.ContainerError as answer:
            code = _BROKEN if answer.status else _TIMED_OUT
            yield event_stream.exception("ModelStreamError", {"Message": answer.message, "ErrorCode": code})
        except Exception as defect:
            logger.exception("a stream broke")
            yield event_stream.exception(
                "InternalStreamFailure", {"Message": str(errors.emulator_defect(repr(defect)).message)}
            )

    def close(self) -> None:
        self._reply.close()


def _stream(reply: _Held, headers: dict[str, str], start_response: WSGI) -> Iterable[bytes]:
    told = headers | {"Content-Type": event_stream.CONTENT_TYPE, "X-Amzn-SageMaker-Content-Type": reply.content_type}
    start_response(status_line(200), list(told.items()))
    return _Events(reply)


def _invocation(environ: WSGI, body: bytes, *, streaming: bool) -> Invocation:
    accept = _header(environ, f"{_PREFIX}Accept" if streaming else "Accept")
    return Invocation(body, environ.get("CONTENT_TYPE", ""), accept or "", streaming, LONGEST_SECONDS)


def _header(environ: WSGI, name: str) -> str | None:
    """A header as text: WSGI has its bytes as Latin-1, and SDKs send UTF-8."""
    key = name.replace("-", "_").upper()
    value: str | None = environ.get(key if key == "CONTENT_TYPE" else f"HTTP_{key}")
    return None if value is None else value.encode("latin-1").decode(errors="replace")


def _encode_error(error: errors.ApiError, request_id: str) -> protocol.Answer:
    """An error of a REST service: its code in a header, its members in the body."""
    members: dict[str, Any] = {"Message": error.message or ""}
    if isinstance(error, errors.ModelError):
        members |= error.members
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": request_id, "x-amzn-errortype": error.code}
    return protocol.Answer(error.status, headers, json.dumps(members).encode())
