"""A job's training log, read from a running emulator."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

POLL_SECONDS = 0.5
ANSWER_SECONDS = 60


class LogClient:
    """Asks for the log of one job, part after part."""

    def __init__(self, endpoint_url: str, region: str, job: str) -> None:
        self._page = f"{endpoint_url.rstrip('/')}/_emulator/jobs/{quote(job, safe='')}/log"
        self._region = region
        self._job = job
        self._endpoint_url = endpoint_url

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
        query = urlencode({"region": self._region, "offset": offset})
        if not self._page.startswith(("http://", "https://")):
            raise OSError(f"{self._endpoint_url} is no http:// or https:// URL.")
        try:
            with urlopen(f"{self._page}?{query}", timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - HTTP, see above
                part: dict[str, Any] = json.load(answer)
                return part
        except HTTPError as refusal:
            raise OSError(_message(refusal) or f"{self._endpoint_url}: {refusal}") from refusal
        except (URLError, TimeoutError, ConnectionError) as problem:
            reason = getattr(problem, "reason", problem)
            raise OSError(f"No emulator answers at {self._endpoint_url}: {reason}") from problem
        except ValueError as problem:
            raise OSError(f"{self._endpoint_url} is no emulator.") from problem


def _message(refusal: HTTPError) -> str | None:
    """The words of the emulator's own refusals."""
    try:
        message = json.load(refusal)["message"]
    except (ValueError, KeyError, TypeError, OSError):
        return None
    return str(message)
