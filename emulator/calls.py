"""A call of one of our operations, from the WSGI environment to the answer.

The order of checks is that of AWS's JSON services: the size of the body, method and content type, JSON, the target,
the signature; after that the operation's own.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from waitress.channel import ClientDisconnected

from emulator import errors, protocol
from emulator.control.faults import CONNECTION_CLOSED, ConnectionDropped
from emulator.credential_scope import region_of
from emulator.operations import OPERATIONS, answer
from emulator.services import Services
from emulator.storage.history import Change

logger = logging.getLogger(__name__)

WSGI = Any  # a WSGI environment or start_response: the standard gives them no useful type

_READING = ("Describe", "List")  # how operations begin that change nothing, and that the history leaves out
_NAMES = ("AutoMLJobName", "EndpointName", "EndpointConfigName", "ModelName")  # what a change is about
_DEFECT = "InternalFailure"
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


QUICK = frozenset({f"{protocol.TARGET_PREFIX}DescribeAutoMLJobV2"})
"""The call that pollers send: it reads one row, and waits for nobody."""

AT_ONCE = "emulator.at_once"
"""In the WSGI environment of a call that the reading thread answers, which no fault may hold up."""


class Calls:
    """The WSGI application of our operations."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def is_quick(self, target: str) -> bool:
        """Whether the call of this target takes less time than handing it to another thread."""
        return target in QUICK and self._services.control.faults.is_empty

    def __call__(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Answer one call: 200, or an error in AWS's form."""
        return respond(self._answer(environ), environ, start_response)

    def _answer(self, environ: WSGI) -> protocol.Answer:
        request_id = protocol.new_request_id()
        try:
            body = _body(environ)
            if not _addresses_an_operation(environ):
                return protocol.encode_bare_error(errors.no_operation_addressed(), request_id)
            call = self._call(environ, body, request_id)
            if not environ.get(AT_ONCE):  # else it came before any fault was set
                return protocol.encode(self._recorded(call), request_id)
            return protocol.encode(answer(self._services, call), request_id)
        except errors.ApiError as error:
            return protocol.encode_error(error, request_id)
        except ConnectionDropped:
            raise ClientDisconnected from None
        except Exception as defect:
            logger.exception("request %s broke", request_id)
            return protocol.encode_error(errors.emulator_defect(repr(defect)), request_id)

    def _recorded(self, call: protocol.Call) -> dict[str, Any] | None:
        """The response to a call; one that changes something is recorded, what it got too. Raises ApiError."""
        code: str | None = _DEFECT
        try:
            self._services.control.faults.strike(call.operation)
            response = answer(self._services, call)
            code = None
        except errors.ApiError as error:
            code = error.code
            raise
        except ConnectionDropped:
            code = CONNECTION_CLOSED
            raise
        finally:
            if not call.operation.startswith(_READING):
                self._services.history.add(_change(call, self._services.clock(), code))
        return response

    def _call(self, environ: WSGI, body: bytes, request_id: str) -> protocol.Call:
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        request = protocol.decode_body(body) if body else None
        name = protocol.operation_of(target)
        if name not in OPERATIONS:
            raise errors.unknown_operation()
        if not body:
            raise errors.unreadable_body()
        self._services.gate.check_call(environ)
        return protocol.Call(
            operation=name,
            request=request,
            region=region_of(environ),
            account=self._services.settings.account,
            request_id=request_id,
        )


def _change(call: protocol.Call, now: float, code: str | None) -> Change:
    request = call.request if isinstance(call.request, dict) else {}
    named = [request[member] for member in _NAMES if member in request]
    name = str(named[0] if named else request.get("ResourceArn", "")).rpartition("/")[2]
    return Change(now, call.operation, call.region, call.request_id, name or None, code)


def respond(answer: protocol.Answer, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
    """Send an answer; to HEAD without its body."""
    headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
    start_response(status_line(answer.status), headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def status_line(status: int) -> str:
    """An HTTP status with its phrase, as WSGI wants it; a fault may have one that no standard names, 599 or so."""
    return _STATUS_LINES.get(status) or f"{status} Unknown"


def _body(environ: WSGI) -> bytes:
    sent: bytes = environ["wsgi.input"].read(protocol.LARGEST_BODY + 1)
    return protocol.decompress(sent, environ.get("HTTP_CONTENT_ENCODING", ""))


def _addresses_an_operation(environ: WSGI) -> bool:
    return environ["REQUEST_METHOD"] == "POST" and protocol.is_json_1_1(environ.get("CONTENT_TYPE", ""))
