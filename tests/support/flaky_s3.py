"""An S3 that fails: a real HTTP server before another one, which refuses, hangs up, or answers 503 for a while."""

import http.client
import threading
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.support.http_servers import serving


class FlakyS3(ThreadingHTTPServer):
    """Fails the first `failures` requests of a method in a way of its own, and passes all others on."""

    daemon_threads = True

    def __init__(self, target: str, method: str, way: str, failures: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = urlsplit(target)
        self.method = method
        self.way = way
        self.failures = failures
        self.failed = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"

    def must_fail(self, method: str) -> bool:
        """Whether this request is one to fail; counts it."""
        with self.lock:
            fails = method == self.method and self.failed < self.failures
            self.failed += fails
            return fails


class _Handler(BaseHTTPRequestHandler):
    server: FlakyS3
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Pass a request on, or fail."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.server.must_fail(self.command):
            self.pass_on(body)
        elif self.server.way == "503":
            self.reply(
                503, {}, b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
            )
        elif self.server.way == "403":
            self.reply(403, {}, b"")
        elif self.server.way == "half":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"half of it")
            self.close_connection = True
        else:
            self.close_connection = True  # hang up without an answer

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - the names that the base class calls

    def pass_on(self, body: bytes) -> None:
        """Ask the S3 behind this one."""
        connection = http.client.HTTPConnection(self.server.target.hostname or "", self.server.target.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        self.reply(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send an answer."""
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        length = headers.get("Content-Length", str(len(body))) if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def flaky_s3(target: str, method: str, way: str, failures: int) -> AbstractContextManager[FlakyS3]:
    """A running one."""
    return serving(FlakyS3(target, method, way, failures))
