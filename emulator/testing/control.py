"""Faults and outcomes as Python calls; each is one request to `/_emulator/`."""

import json
from typing import Any, Literal

from emulator.access.keys import Key

Stage = Literal["Starting", "AnalyzingData", "TrainingModels"]

SECONDS = 60


class ControlRefused(ValueError):
    """The emulator could not do what it was told; the text says why."""


class Pages:
    """The pages of one emulator; requests are signed where there is a key."""

    def __init__(self, url: str, key: Key | None = None) -> None:
        self._url = url
        self._key = key

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Send JSON and return what comes back. Raises ControlRefused, and ConnectionError where nobody answers."""
        # Together a twentieth of a second, which other sessions need not spend.
        from urllib.error import HTTPError, URLError
        from urllib.request import ProxyHandler, Request, build_opener

        direct = build_opener(ProxyHandler({}))
        url = f"{self._url}{path}"
        body = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        if self._key is not None:
            headers = _signed(self._key, method, url, body, headers)
        request = Request(url, body, headers, method=method)  # noqa: S310 - the emulator's own pages
        try:
            with direct.open(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise ControlRefused(_words(error.read())) from None
        except URLError as problem:
            raise ConnectionError(f"No emulator answers at {self._url}: {problem.reason}") from None


def _signed(key: Key, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> dict[str, str]:
    """The headers, with the signature that a server with --require-auth asks for."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    from emulator.credential_scope import DEFAULT_REGION
    from emulator.signature import SERVICE

    request = AWSRequest(method, url, headers, body)
    SigV4Auth(Credentials(key.id, key.secret, key.token), SERVICE, DEFAULT_REGION).add_auth(request)
    return dict(request.headers)


def _words(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")


class Faults:
    """What happens to the next calls of an operation. The first fault that fits a call, and is not used up, counts."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def add(
        self,
        operation: str,
        *,
        error: str | None = None,
        message: str | None = None,
        status: int | None = None,
        delay_seconds: float = 0,
        times: int | None = 1,
    ) -> None:
        """Let the next `times` calls (None: all of them) wait, and then answer an error if one is given.

        `operation` is the name of an operation of SageMaker, `*` for any of them, or `S3` for any call to S3.
        Known codes have AWS's words and HTTP status where you give none: ThrottlingException, InternalFailure,
        ServiceUnavailable, AccessDeniedException, ExpiredTokenException, UnrecognizedClientException, RequestTimeout,
        ResourceInUse, ResourceNotFound, ResourceLimitExceeded, SlowDown; ModelError, ModelNotReadyException and
        InternalDependencyException of an invocation. A ModelError's `message` and `status` are its container's.
        `ConnectionClosed` closes the connection without an answer.
        """
        members = {"error": error, "message": message, "status": status}
        content = {name: value for name, value in members.items() if value is not None}
        numbers = {"operation": operation, "delay_seconds": delay_seconds, "times": times}
        self._pages.ask("POST", "/_emulator/faults", numbers | content)

    def throttle(self, operation: str, *, times: int | None = 1) -> None:
        """Let the next calls answer ThrottlingException."""
        self.add(operation, error="ThrottlingException", times=times)

    def delay(self, operation: str, seconds: float, *, times: int | None = 1) -> None:
        """Let the next calls take so much longer, at most 300 seconds."""
        self.add(operation, delay_seconds=seconds, times=times)

    def drop(self, operation: str, *, times: int | None = 1) -> None:
        """Close the connection of the next calls without an answer."""
        self.add(operation, error="ConnectionClosed", times=times)

    def list(self) -> list[dict[str, Any]]:
        """All faults, with how many calls each is still for (`times`) and how many it has `struck`."""
        found: list[dict[str, Any]] = self._pages.ask("GET", "/_emulator/faults")["faults"]
        return found

    def clear(self) -> None:
        """Forget all faults; calls that wait go on at once."""
        self._pages.ask("DELETE", "/_emulator/faults")


class Outcomes:
    """What jobs come to that are created from now on.

    `name` is a pattern (`flaky-*`), `times` for how many jobs (None: all, 1: the next one). The first rule that fits a
    job, and is not used up, counts; a job's own tag `automl-emulator:outcome` comes before all rules.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def fail(
        self,
        name: str = "*",
        *,
        reason: str | None = None,
        stage: Stage = "TrainingModels",
        times: int | None = None,
        seconds_per_stage: float = 0,
    ) -> None:
        """End as Failed, in a stage, with this FailureReason; nothing is trained."""
        content: dict[str, Any] = {"end": "fail", "stage": stage}
        self._add(name, times, seconds_per_stage, content | ({} if reason is None else {"reason": reason}))

    def stop(
        self,
        name: str = "*",
        *,
        stage: Stage = "TrainingModels",
        times: int | None = None,
        seconds_per_stage: float = 0,
    ) -> None:
        """End as Stopped, as if somebody had called StopAutoMLJob; nothing is trained."""
        self._add(name, times, seconds_per_stage, {"end": "stop", "stage": stage})

    def reach_max_runtime(
        self,
        name: str = "*",
        *,
        stage: Stage = "TrainingModels",
        times: int | None = None,
        seconds_per_stage: float = 0,
    ) -> None:
        """End as Completed with MaxAutoMLJobRuntimeReached and no candidate; nothing is trained."""
        self._add(name, times, seconds_per_stage, {"end": "max-runtime", "stage": stage})

    def fail_deployment(
        self, name: str = "*", *, reason: str | None = None, replay: str | None = None, times: int | None = None
    ) -> None:
        """Train, or replay, and end with ModelDeploymentError where the job asks for an endpoint."""
        members = {"end": "deploy-fail", "reason": reason, "replay": replay}
        self._add(name, times, 0, {member: value for member, value in members.items() if value is not None})

    def slow(self, name: str = "*", *, seconds_per_stage: float, times: int | None = None) -> None:
        """Train, and stay in every stage at least so long."""
        self._add(name, times, seconds_per_stage, {})

    def replay(
        self, name: str = "*", *, recording: str, times: int | None = None, seconds_per_stage: float = 0
    ) -> None:
        """Answer from a recording: its name, or the absolute path of its file on the emulator's machine."""
        self._add(name, times, seconds_per_stage, {"replay": recording})

    def list(self) -> list[dict[str, Any]]:
        """All rules, with for how many jobs each still is (`times`) and for how many it was `used`."""
        found: list[dict[str, Any]] = self._pages.ask("GET", "/_emulator/outcomes")["outcomes"]
        return found

    def clear(self) -> None:
        """Forget all rules; jobs that were created already keep their outcomes."""
        self._pages.ask("DELETE", "/_emulator/outcomes")

    def _add(self, name: str, times: int | None, seconds_per_stage: float, content: dict[str, Any]) -> None:
        seconds = {"seconds_per_stage": seconds_per_stage} if seconds_per_stage else {}
        self._pages.ask("POST", "/_emulator/outcomes", {"name": name, "times": times} | seconds | content)
