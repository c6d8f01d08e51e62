"""HTTP as waitress reads and writes it, where AWS's clients need it otherwise.

What waitress itself refuses is told in AWS's form, and so is what its parser breaks at. An empty upload that expects
`100-continue`, as boto3 sends it, is answered and not waited for. S3 metadata keys keep their underscores on the way in
and their lower case on the way out. An answer without a length is sent part by part.
"""

import re
from http import HTTPStatus
from typing import Any

from waitress import utilities
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask

from emulator import errors, protocol
from emulator.storage.guard import METADATA_HEADERS

_UNDERSCORED = re.compile(rb"^(x-amz-meta-[^:\s]*_[^:\s]*):[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_METADATA_NAME = re.compile(rb"^X-Amz-Meta-[^:]*", re.MULTILINE)


class Parser(HTTPRequestParser):
    """A request parser that refuses what waitress's breaks at, and keeps S3's metadata headers with underscores."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.metadata_headers: dict[str, str] = {}

    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and the headers. Raises ParsingError."""
        try:
            super().parse_header(header_plus)
        except ValueError as problem:  # a URL or a number that Python cannot read
            raise ParsingError(str(problem)) from problem
        if self.body_rcv is None:
            self.expect_continue = False  # waitress would invite a body that never comes, and wait for it
        if b"-meta-" in header_plus.lower():
            found = _UNDERSCORED.findall(header_plus)
            self.metadata_headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in found}


class Task(WSGITask):
    """One request on its way to the WSGI application and back."""

    request: Any

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment, with the metadata headers that WSGI has no names for."""
        environ: dict[str, Any] = super().get_environment()
        if self.request.metadata_headers:
            environ[METADATA_HEADERS] = self.request.metadata_headers
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
        answer = protocol.encode_error(_in_our_words(self.request.error, self.channel.adj), protocol.new_request_id())
        self.status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        self.response_headers.extend(answer.headers.items())
        self.set_close_on_finish()
        self.content_length = len(answer.body)
        self.write(answer.body)


def _in_our_words(error: Any, limits: Any) -> errors.ApiError:
    if isinstance(error, utilities.RequestHeaderFieldsTooLarge):
        return errors.headers_too_large(limits.max_request_header_size)
    if isinstance(error, utilities.RequestEntityTooLarge):
        return errors.body_too_large(limits.max_request_body_size)
    if isinstance(error, utilities.InternalServerError):
        return errors.emulator_defect(error.body)
    return errors.malformed_request(error.body.rstrip("."))


class Channel(HTTPChannel):
    """A connection."""

    parser_class = Parser
    task_class = Task
    error_task_class = Refusal

    def send_now(self) -> None:
        """Send what is written. waitress would wait for some kilobytes more while its task goes on."""
        with self.outbuf_lock:
            mine: Any = self
            mine._flush_exception(mine._flush_some, do_close=False)
        if self.total_outbufs_len:
            self.server.pull_trigger()
