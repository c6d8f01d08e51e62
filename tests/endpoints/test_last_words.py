"""What is told of a serving process that ends before it serves."""

import subprocess
import sys
import tracemalloc
from typing import BinaryIO

import pytest

from emulator.endpoints.process import ServingProcess
from emulator.errors import EndpointFailure

LONG = 100_000_000


class Ended:
    """A process that has printed much and ends."""

    def __init__(self, log_file: str) -> None:
        with open(log_file, "wb") as log:
            log.truncate(LONG)
            log.seek(LONG)
            log.write(b"\nthe last words\n")
        self._process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE, start_new_session=True)
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self.events: BinaryIO = self._process.stdout  # type: ignore[assignment]

    def wait(self) -> int:
        """The exit code."""
        return self._process.wait()


def test_last_words_are_read_alone() -> None:
    """The reason has the last line of a log that may be of any size, and nothing else of it is read into memory."""
    process = ServingProcess(lambda _, log_file: Ended(log_file), {"variant": "v"})
    tracemalloc.start()
    try:
        with pytest.raises(EndpointFailure, match=r"the last words$"):
            process.load()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < LONG / 10
