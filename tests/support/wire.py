"""Requests below what HTTP libraries send, and the form of every error."""

import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from tests.support.server import JSON_1_1, Server

REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def assert_error(answer: requests.Response, code: str, message: str = "", status: int = 400) -> None:
    """An error of AWS JSON 1.1: status, body and headers, to the last member."""
    assert (answer.status_code, answer.json()) == (status, {"__type": code, "message": message})
    assert answer.headers["Content-Type"] == JSON_1_1
    assert answer.headers["x-amzn-errortype"] == code
    assert REQUEST_ID.fullmatch(answer.headers["x-amzn-RequestId"])


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came over the socket."""

    status: int
    headers: dict[str, str]
    body: bytes


def exchange(server: Server, *parts: bytes, seconds: float = 5) -> list[RawAnswer]:
    """Send bytes as they are, over one connection, and read the answers until it closes or nothing comes any more.

    Each part after the first is sent when an answer to the one before has come.
    """
    target = urlsplit(server.url)
    assert target.hostname is not None
    received = b""
    with socket.create_connection((target.hostname, target.port or 80), timeout=seconds) as connection:
        for part in parts:
            connection.sendall(part)
            received += _until_whole(connection)
    return _answers(received)


def request_of(path: str = "/", method: str = "POST", body: bytes = b"{}", **headers: str) -> bytes:
    """A request in HTTP/1.1 for ListAutoMLJobs; headers with None as their value are left out."""
    sent = {"Host": "localhost", "Content-Type": JSON_1_1, "X-Amz-Target": "SageMaker.ListAutoMLJobs"}
    sent |= {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items() if value)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _until_whole(connection: socket.socket) -> bytes:
    received = b""
    try:
        while not _whole(received):
            chunk = connection.recv(65536)
            if not chunk:
                break
            received += chunk
    except ConnectionError:  # the server closes without reading what it refuses
        pass
    return received


def _whole(received: bytes) -> bool:
    head, found, rest = received.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return bool(found) and len(rest) >= (int(length[1]) if length else 0)


def _answers(received: bytes) -> list[RawAnswer]:
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        answers.append(RawAnswer(int(status.split()[1]), headers, rest[:length]))
        received = rest[length:]
    return answers
