"""A job's training log, read from a running emulator."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from emulator import direct

POLL_SECONDS = 0.5


class LogClient:
    """Asks for the log of one job, part after part."""

    def __init__(self, endpoint_url: str, region: str, job: str) -> None:
        self._endpoint_url = endpoint_url
        self._region = region
        self._job = job

    def parts(self, *, follow: bool) -> Iterator[str]:
        """What there is of the log; with `follow`, what is added too, until the job has ended. Raises OSError."""
        offset = 0
        while True:
            part = self._ask(offset)
            yield part["text"]
            if part["over"] or not (follow or part["text"]):
                return
            offset = part["next"]
            if not part["text"]:
                time.sleep(POLL_SECONDS)

    def _ask(self, offset: int) -> dict[str, Any]:
        try:
            query = urlencode({"region": self._region, "offset": offset})
            path = f"/_emulator/jobs/{quote(self._job, safe='')}/log?{query}"
        except UnicodeEncodeError:  # a shell passes on any bytes
            raise OSError(f"There can be no job {self._job!a} in {self._region!a}: that is no UTF-8.") from None
        part: dict[str, Any] = direct.page(self._endpoint_url, path, self._region)
        return part
