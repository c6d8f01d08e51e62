"""The servers that are compared: how each is started, and what is sent to it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"
EMULATOR = ("automl-emulator", "serve", "--port")
HELD_EMULATOR = ("python", "-m", "tests.support.stub_server", "--port")
MOTO = ("moto_server", "-H", LOOPBACK, "-p")

_START_SECONDS = 60.0
_POLL_SECONDS = 0.002
_DECIDED_PER_RUN = ("OMP_", "GOMP_", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Running:
    """A server's process; `began` is time.perf_counter() just before it was started."""

    process: subprocess.Popen[bytes]
    port: int
    began: float


def environment(**given: str) -> dict[str, str]:
    """This process's environment, with bytecode kept as usual and no OpenMP setting but the given ones."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(_DECIDED_PER_RUN)}
    return plain | given


@contextmanager
def running(command: tuple[str, ...], **given: str) -> Iterator[Running]:
    """A command of this Python environment that takes a port as its last argument, in a folder that goes with it."""
    program = Path(sys.executable).with_name(command[0])
    port = _free_port()
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())  # and the emulator's data directory in it
        began = time.perf_counter()
        process = stack.enter_context(
            subprocess.Popen(
                [str(program), *command[1:], str(port)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=environment(PYTHONPATH=str(ROOT), **given),
            )
        )
        try:
            yield Running(process, port, began)
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for_connection(server: Running) -> None:
    """Return as soon as the server accepts a connection."""
    deadline = time.perf_counter() + _START_SECONDS
    while time.perf_counter() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(
                f"the server ended at once: {server.process.args!r} exits with {server.process.returncode}"
            )
        try:
            socket.create_connection((LOOPBACK, server.port)).close()
        except ConnectionRefusedError:
            time.sleep(_POLL_SECONDS)
        else:
            return
    raise TimeoutError(f"no connection within {_START_SECONDS} s: {server.process.args!r}")


def headers(operation: str | None) -> dict[str, str]:
    """Those of a SageMaker call, or of an S3 one; neither server checks the signature."""
    service = "s3" if operation is None else "sagemaker"
    credential = f"test/20260101/us-east-1/{service}/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
    if operation is None:
        return {"Authorization": signed}
    return {
        "Authorization": signed,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"SageMaker.{operation}",
    }


def ask(port: int, operation: str, content: Mapping[str, Any]) -> None:
    """A SageMaker call that must succeed."""
    _exchange(port, "POST", json.dumps(content).encode(), headers(operation))


def list_buckets(port: int) -> None:
    """An S3 call that must succeed."""
    _exchange(port, "GET", None, headers(None))


def _exchange(port: int, method: str, body: bytes | None, sent: Mapping[str, str]) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_START_SECONDS)
    connection.request(method, "/", body, dict(sent))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{sent.get('X-Amz-Target', method)}: HTTP {answer.status}: {content[:500]!r}")


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
