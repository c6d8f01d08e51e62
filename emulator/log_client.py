"""A job's training log, read from a running emulator."""

import json
import os
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError

from emulator import direct

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
            request = self._signed(f"{self._page}?{query}")
            with direct.opener(self._page).open(request, timeout=ANSWER_SECONDS) as answer:
                part: dict[str, Any] = json.load(answer)
                return part
        except HTTPError as refusal:
            raise OSError(_message(refusal) or f"{self._endpoint_url}: {refusal}") from refusal
        except (URLError, TimeoutError, ConnectionError) as problem:
            reason = getattr(problem, "reason", problem)
            raise OSError(f"No emulator answers at {self._endpoint_url}: {reason}") from problem
        except BotoCoreError as problem:  # a profile that is not there
            raise OSError(str(problem)) from problem
        except ValueError as problem:
            raise OSError(f"{self._endpoint_url} is no emulator.") from problem

    def _signed(self, url: str) -> Request:
        """A request, with the signature that a server with --require-auth asks for where the user has a key."""
        request = AWSRequest("GET", url)
        has_key = (
            "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" in os.environ
        )  # boto3 would look in the network too
        credentials = boto3.Session().get_credentials() if has_key else None
        if credentials is not None:
            SigV4Auth(credentials.get_frozen_credentials(), "sagemaker", self._region).add_auth(request)
        return Request(url, headers=dict(request.headers))  # noqa: S310 - HTTP, as its caller has seen


def _message(refusal: HTTPError) -> str | None:
    """The words of the emulator's own refusals."""
    try:
        message = json.load(refusal)["message"]
    except (ValueError, KeyError, TypeError, OSError):
        return None
    return str(message)
