"""A run's log on its way to CloudWatch Logs, while it is written."""

import logging
from typing import Protocol

LONGEST_LINE = 32_768
MOST_BYTES = 4 * 2**20
PART_BYTES = 2**18
LAST_LINE = "[the log is longer; all of it is in training.log]"

logger = logging.getLogger(__name__)


class LogGroup(Protocol):
    """Where log streams are kept."""

    def put(self, region: str, stream: str, lines: list[str]) -> None:
        """Add lines to a stream, which is made with the first ones."""


class LogStream:
    """Passes on what is new in a file, line by line; at most so much of it that the server's memory stays small."""

    def __init__(self, file: str, group: LogGroup | None, region: str, name: str) -> None:
        self._file = file
        self._group = group
        self._region = region
        self._name = name
        self._offset = 0

    def forward(self, *, last: bool = False) -> None:
        """Pass on the new lines; with `last`, what follows the last line end too."""
        while self._group is not None and (part := self._read(last=last)):
            self._offset += len(part)
            lines = [line[:LONGEST_LINE] for line in part.decode(errors="replace").splitlines() if line.strip()]
            full = self._offset >= MOST_BYTES
            try:
                if lines:
                    self._group.put(self._region, self._name, [*lines, LAST_LINE] if full else lines)
            except Exception:  # a log that cannot be passed on is no reason to end the job
                logger.exception("the log stream %s is not continued", self._name)
                full = True
            if full:
                self._group = None

    def _read(self, *, last: bool) -> bytes:
        try:
            with open(self._file, "rb") as log:
                log.seek(self._offset)
                part = log.read(PART_BYTES)
        except FileNotFoundError:
            return b""
        whole = part.rfind(b"\n") + 1
        return part if last or (len(part) == PART_BYTES and not whole) else part[:whole]
