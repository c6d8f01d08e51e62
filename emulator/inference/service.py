"""The process that serves one model: loads it, says so, and answers the server's requests until that is gone.

Frames from the server: `{"invoke": number, "content_type", "streaming"}` with the request's body, `{"cancel": number}`,
`{"ping": number}`. Frames to it: `{"ready"}` or `{"failed": reason}` once, then for each request its parts as
`{"part": number}` or one `{"refused": number, "status", "kind"}`, and `{"end": number}` after the last part.
"""

import logging
import os
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from emulator import errors
from emulator.frames import Frame, read_frame, send_frame
from emulator.inference.artifact import TunedModel, fetch
from emulator.inference.djl import Djl
from emulator.inference.engine import Engine
from emulator.inference.form import Form
from emulator.inference.order import ServingOrder
from emulator.inference.request import Request
from emulator.inference.row import Row
from emulator.inference.tgi import Tgi
from emulator.inference.wanted import Generation, Text
from emulator.s3.client import S3

FORMS: dict[str, Any] = {"tgi": Tgi, "djl": Djl}
WARM_UP_TOKENS = 4
READERS = 2

logger = logging.getLogger(__name__)


def serve(order: ServingOrder, connection: socket.socket) -> None:
    """Load the model and answer for ever; returns only where it cannot be loaded."""
    try:
        tuned = fetch(order, S3(order.s3, order.region))
        engine = Engine(tuned.model, tuned.tokenizer)
        _answer_once(tuned, engine, order.variant)
    except errors.EndpointFailure as failure:
        logger.error("%s", failure)  # noqa: TRY400 - the reason is for the user, a traceback would not help
        send_frame(connection, {"failed": str(failure)})
        return
    except Exception as defect:
        logger.exception("the model could not be loaded")
        problem = f"{type(defect).__name__}: {defect}"
        send_frame(connection, {"failed": str(errors.serving_not_begun(order.variant, problem))})
        return
    form = FORMS[order.container](tuned.limits, tuned.encode)
    service = Service(connection, tuned, engine, form)
    threading.Thread(target=service.listen, daemon=True, name="requests").start()
    send_frame(connection, {"ready": True})
    engine.run()


def _answer_once(tuned: TunedModel, engine: Engine, variant: str) -> None:
    """Write a few tokens: a model that cannot is not in service, and the first request does not pay for warming up."""
    problems: list[errors.ContainerError] = []
    text = Text(tuned.encode("a"), Generation(WARM_UP_TOKENS))
    row = Row(text, tuned.tokenizer, lambda *_: None, lambda _, problem: problems.append(problem))
    engine.submit([row])
    while row.written.reason is None:
        engine.work()
        if problems:
            raise errors.serving_not_begun(variant, problems[0].message)


class Service:
    """The requests of one connection."""

    def __init__(self, connection: socket.socket, tuned: TunedModel, engine: Engine, form: Form) -> None:
        self._connection = connection
        self._tuned = tuned
        self._engine = engine
        self._form = form
        self._open: dict[int, Request | None] = {}
        self._lock = threading.Lock()
        # Reading megabytes of text takes seconds, in which frames are to be taken in.
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._sending = threading.Lock()

    def listen(self) -> None:
        """Take in frames until the server is gone; then there is no reason to be here."""
        with self._connection.makefile("rb") as stream:
            while (frame := read_frame(stream)) is not None:
                self._take(frame)
        os._exit(0)

    def send(self, content: dict[str, Any], payload: bytes = b"") -> None:
        """Write a frame, from whichever thread."""
        with self._sending:
            send_frame(self._connection, content, payload)

    def _take(self, frame: Frame) -> None:
        content = frame.content
        if "ping" in content:
            self.send({"pong": content["ping"], "stuck_for": self._engine.stuck_for()})
        elif "cancel" in content:
            with self._lock:
                request = self._open.pop(content["cancel"], None)
            if request is not None:
                request.cancel()
        else:
            self._open[content["invoke"]] = None
            arguments = (content["invoke"], content["content_type"], frame.payload)
            self._readers.submit(self._begin, *arguments, streaming=content["streaming"]).add_done_callback(_logged)

    def _begin(self, number: int, content_type: str, body: bytes, *, streaming: bool) -> None:
        try:
            if number not in self._open:  # cancelled while it waited
                return
            wanted = self._form.read(body, content_type, streaming=streaming)
            request = Request(number, wanted, self._form, self)
            rows = request.rows(self._tuned.tokenizer, self._engine)
            with self._lock:
                if number not in self._open:
                    return
                self._open[number] = request
            self._engine.submit(rows)
        except errors.ContainerError as refusal:
            self.refuse(number, refusal)
        except Exception as defect:
            logger.exception("request %d could not be read", number)
            self.refuse(number, errors.generation_failed(f"{type(defect).__name__}: {defect}"))

    def refuse(self, number: int, refusal: errors.ContainerError) -> None:
        """Answer a request with an error, and forget it."""
        self._open.pop(number, None)
        self.send({"refused": number, "status": refusal.status, "kind": refusal.kind}, _bytes(refusal.message))

    def part(self, number: int, content: bytes, content_type: str) -> None:
        """Send a part of an answer."""
        self.send({"part": number, "content_type": content_type}, content)

    def end(self, number: int) -> None:
        """Say that an answer is whole."""
        self._open.pop(number, None)
        self.send({"end": number})


def _logged(begun: "Future[None]") -> None:
    """Nothing else would tell of an exception that left `_begin`: only a connection that is lost should raise one."""
    if (defect := begun.exception()) is not None:
        logger.error("a request was not answered", exc_info=defect)


def _bytes(message: str) -> bytes:
    """A message for the server, whatever is in it: one that could not be sent would leave its caller waiting."""
    return message.encode(errors="backslashreplace")
