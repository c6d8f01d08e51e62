"""Servers that keep their data, and the faults that they must survive."""

import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.support.server import Server, running_server


def durable_server(folder: Path, *arguments: str) -> AbstractContextManager[tuple[Server, subprocess.Popen[str]]]:
    """A server on a data directory, in a process of its own; it takes jobs and runs none."""
    flags = ("--worker-start", "fresh", "--workers", "0")
    return running_server("--data-dir", str(folder), *flags, *arguments)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, as the kernel or an impatient user sends it."""
    process.kill()
    process.wait()


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of boto3 without what differs from call to call; a body is read."""
    found = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    if "Body" in found:
        found["Body"] = found["Body"].read()
    return found
