"""Commands whose output nobody reads, or has no room, and URLs and names that are none: one line at most."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

COMMAND = [sys.executable, "-m", "emulator"]


@pytest.fixture(name="unread")
def _unread() -> Iterator[int]:
    """The writing end of a pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize("command", ["errors", "models"])
def test_output_that_nobody_reads(command: str, unread: int) -> None:
    """A command whose reader has gone, as `head` does, ends as a Unix program would, without a word."""
    result = subprocess.run([*COMMAND, command], stdout=unread, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", ["errors", "models"])
def test_output_that_has_no_room(command: str) -> None:
    """A command that cannot write what it has to say says that in one line."""
    with open("/dev/full", "wb") as full:
        result = subprocess.run([*COMMAND, command], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (1, b"[Errno 28] No space left on device\n")


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize(("command", "status"), [("errors", 0), ("models", 0), ("--version", 0), ("logs job", 1)])
def test_output_that_is_closed(command: str, status: int, closed: str) -> None:
    """A command whose output the shell has closed ends without a traceback, and with one line where it has failed."""
    line = shlex.join(COMMAND) + f" {command} {closed}"
    environment = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    result = subprocess.run(
        ["/bin/sh", "-c", line], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stdout) == (status, "")
    assert len(result.stderr.splitlines()) == (status if closed == ">&-" else 0)


def test_server_whose_output_is_closed() -> None:
    """A server with no standard streams answers, and what it opens is not taken for its output."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = shlex.join([*COMMAND, "serve", "--in-memory", "--no-warm", "--port", str(port)])
    with subprocess.Popen(["/bin/sh", "-c", f"exec {line} >&- 2>&- <&-"]) as process:
        try:
            wait_for(port)
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0


def test_server_whose_greeting_nobody_reads(unread: int) -> None:
    """A server goes on to answer though nobody reads what it prints."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*COMMAND, "serve", "--in-memory", "--no-warm", "--port", str(port)]
    with subprocess.Popen(command, stdout=unread, stderr=subprocess.PIPE) as process:
        try:
            wait_for(port)
            with pytest.raises(subprocess.TimeoutExpired):  # by then it has tried to greet
                process.wait(timeout=2)
            wait_for(port)
        finally:
            process.terminate()
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, b"")


def wait_for(port: int) -> None:
    """Return as soon as a server answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            assert requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999", "nothing"])
@pytest.mark.parametrize("command", [["invoke", "e", "p"], ["logs", "j"], ["record", "j", "-o", "f.json"]])
def test_url_that_is_none(command: list[str], url: str) -> None:
    """A command that is sent to what is no URL says so in one line."""
    environment = os.environ | {"AWS_ENDPOINT_URL": url}
    result = subprocess.run(
        [*COMMAND, *command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.endswith(f"{url} is no http:// or https:// URL.")


@pytest.mark.parametrize(("job", "region"), [(b"j\xff", b"us-east-1"), (b"j", b"\xff")])
def test_log_of_a_name_that_is_no_text(job: bytes, region: bytes) -> None:
    """Bytes that are no UTF-8, which a shell passes on, are told in one line, as any name of no job is."""
    command: list[str | bytes] = [*COMMAND, "logs", "--endpoint-url", "http://127.0.0.1:9", "--region", region, job]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("There can be no job 'j")
