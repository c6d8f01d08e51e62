"""A load generator: some keep-alive clients in one process, each with one request under way."""

import re
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_LONGEST_SILENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Load:
    """What a run of requests came to; `latencies` are sorted, in seconds, a reconnection included where one was due."""

    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests did not exceed."""
        return 1000 * self.latencies[ceil(share * len(self.latencies)) - 1]

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s, p50 {self.percentile(0.5):.2f} ms, p99 {self.percentile(0.99):.2f} ms"


def post(headers: Mapping[str, str], body: bytes) -> bytes:
    """A request as it goes over the wire."""
    lines = [
        f"{name}: {value}" for name, value in {"Host": "localhost", **headers, "Content-Length": len(body)}.items()
    ]
    return "\r\n".join(["POST / HTTP/1.1", *lines, "", ""]).encode() + body


def generate(port: int, clients: int, requests: int, request: Callable[[int], bytes]) -> Load:
    """Send request(0), request(1), ... from so many clients at once. Raises RuntimeError for any answer but 200."""
    latencies: list[float] = []
    with selectors.DefaultSelector() as ready:
        began = time.perf_counter()
        for number in range(min(clients, requests)):
            _Client(port, ready).send(request(number))
        sent = min(clients, requests)
        while len(latencies) < requests:
            for client in _readable(ready):
                latency = client.receive()
                if latency is None:
                    continue
                latencies.append(latency)
                if sent < requests:
                    client.send(request(sent))
                    sent += 1
                else:
                    client.close()
        seconds = time.perf_counter() - began
    return Load(seconds, sorted(latencies))


class _Client:
    """One connection, opened anew whenever the server has closed it."""

    def __init__(self, port: int, ready: selectors.BaseSelector) -> None:
        self._port = port
        self._ready = ready
        self._socket: socket.socket | None = None
        self._answer = b""
        self._began = 0.0

    def send(self, request: bytes) -> None:
        """Begin a request."""
        self._began = time.perf_counter()
        self._answer = b""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ready.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(request)

    def receive(self) -> float | None:
        """Take in what has come; the latency in seconds once the answer is whole."""
        assert self._socket is not None
        received = self._socket.recv(1 << 18)
        self._answer += received
        head, separator, body = self._answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if separator else None
        if length is None or len(body) < int(length[1]):
            if not received:
                raise RuntimeError(f"the server hung up after {self._answer[:200]!r}")
            return None
        latency = time.perf_counter() - self._began
        if head[8:12] != b" 200":
            raise RuntimeError(self._answer[:500].decode(errors="replace"))
        if _CLOSE.search(head):
            self.close()
        return latency

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._ready.unregister(self._socket)
            self._socket.close()
            self._socket = None


def _readable(ready: selectors.BaseSelector) -> list[_Client]:
    events = ready.select(_LONGEST_SILENCE_SECONDS)
    if not events:
        raise TimeoutError(f"no answer for {_LONGEST_SILENCE_SECONDS} s")
    return [key.data for key, _ in events]
