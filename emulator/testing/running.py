"""An emulator that runs somewhere, as a test sees it."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from emulator import direct
from emulator.access.keys import Key, read_keys
from emulator.credential_scope import DEFAULT_REGION
from emulator.testing.control import Faults, Outcomes, Pages

ENDED = frozenset({"Completed", "Failed", "Stopped"})
_OF_KEYS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
)
_OF_ENDPOINTS = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
_NOT_RUNNING = "The emulator does not run: call start(), or use it in a with block"
_HERE = ("127.0.0.1", "localhost")

_ANY_KEY = Key("test", "test")
"""For an emulator that asks for none, since clients do not send a call without one."""


class RunningEmulator:
    """The emulator at a URL: its clients, its control, and the environment that leads programs to it.

    One that asks for signatures gets those of the first key in `credentials_file`, the file that it was started with.
    Raises ValueError for a file without one.
    """

    def __init__(self, endpoint_url: str, region: str = DEFAULT_REGION, credentials_file: str = "") -> None:
        self.region = region
        self._url = ""
        self._s3_url = ""
        self._key: Key | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        if endpoint_url:
            self._at(endpoint_url, credentials_file)

    def _at(self, endpoint_url: str, credentials_file: str, s3_url: str = "") -> None:
        """Say where it runs, and where its objects are if not there."""
        self._url = endpoint_url.rstrip("/")
        self._s3_url = s3_url
        self._key = _first_key(credentials_file) if credentials_file else None

    @property
    def endpoint_url(self) -> str:
        """Where it answers. Raises RuntimeError while it does not."""
        if not self._url:
            raise RuntimeError(_NOT_RUNNING)
        return self._url

    @property
    def faults(self) -> Faults:
        """What happens to the next calls."""
        return Faults(self._pages)

    @property
    def outcomes(self) -> Outcomes:
        """What the next jobs come to."""
        return Outcomes(self._pages)

    @property
    def _pages(self) -> Pages:
        return Pages(self.endpoint_url, self._key)

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client for a service of this emulator, with credentials that it takes; made once.

        That of S3 goes to the S3 which the emulator was given in place of its own, with the shell's credentials.
        """
        where = (service, region or self.region)
        url = self.endpoint_url
        with self._lock:
            if where not in self._clients:
                self._clients[where] = self._made(service, url, where[1])
            return self._clients[where]

    def _made(self, service: str, url: str, region: str) -> Any:
        if service == "s3" and self._s3_url:
            return direct.s3_of_user(self._s3_url, region)
        key = self._key or _ANY_KEY
        return direct.client(service, url, region, key.id, key.secret, key.token)

    def environment(self) -> dict[str, str]:
        """The variables with which AWS's SDKs and its CLI come here.

        Where its objects are in another S3, the shell's credentials are that one's, and stay.
        """
        no_proxy = _without_proxy(self.endpoint_url)
        variables = {} if self._keeps_keys() else _variables_of(self._key or _ANY_KEY)
        if self._s3_url:
            variables["AWS_ENDPOINT_URL_S3"] = self._s3_url
        return variables | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    @contextmanager
    def aws_environment(self) -> Iterator[None]:
        """Set `environment()` in this process for as long, without what would lead elsewhere, and restore it after."""
        before = dict(os.environ)
        overriding = _OF_ENDPOINTS if self._keeps_keys() else _OF_ENDPOINTS + _OF_KEYS
        variables = self.environment()
        for name in before:
            if name in overriding or name.startswith("AWS_ENDPOINT_URL_"):
                del os.environ[name]
        os.environ.update(variables)
        touched = {name for name in before.keys() | os.environ.keys() if before.get(name) != os.environ.get(name)}
        try:
            yield
        finally:
            for name in touched:
                if name in before:
                    os.environ[name] = before[name]
                else:
                    os.environ.pop(name, None)

    def reset(self) -> None:
        """End every job, and forget all jobs, buckets, faults and outcomes."""
        self._pages.ask("POST", "/_emulator/reset")

    def seed(self, seed: int) -> None:
        """Set the seed of the data split and of the fine-tune, for jobs that are created from now on."""
        self._pages.ask("POST", "/_emulator/seed", {"seed": seed})

    def job(self, name: str) -> dict[str, Any]:
        """Where a job stands, in more detail than the API shows: progress, artifacts, outcome, walk of statuses.

        Raises ControlRefused where there is no such job.
        """
        details: dict[str, Any] = self._pages.ask(
            "GET", f"/_emulator/jobs/{quote(name, safe='')}?{urlencode({'region': self.region})}"
        )
        return details

    def wait(self, name: str, seconds: float = 300) -> dict[str, Any]:
        """DescribeAutoMLJobV2 of a job as soon as it has ended.

        Raises TimeoutError where that takes longer, and ControlRefused where there is no such job.
        """
        deadline = time.monotonic() + seconds
        while self.job(name)["status"] not in ENDED:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} is still {self.job(name)['secondary_status']} after {seconds} seconds")
            time.sleep(0.02)
        description: dict[str, Any] = self.client("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=name)
        return description

    def close(self) -> None:
        """Let go of the connections of the clients."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _keeps_keys(self) -> bool:
        """Whether the shell's credentials are for the other S3; an emulator that asks for signatures has its own."""
        return bool(self._s3_url) and self._key is None and direct.has_key()


def _first_key(credentials_file: str) -> Key:
    return next(iter(read_keys(Path(credentials_file).expanduser()).values()))


def _variables_of(key: Key) -> dict[str, str]:
    token = {} if key.token is None else {"AWS_SESSION_TOKEN": key.token}
    return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret} | token


def _without_proxy(url: str) -> str:
    """NO_PROXY with this machine and the host of the URL; a `*` counts only where it stands alone."""
    given = [host.strip() for name in ("NO_PROXY", "no_proxy") for host in os.environ.get(name, "").split(",")]
    if "*" in given:
        return "*"
    return ",".join(dict.fromkeys(filter(None, [*given, *_HERE, urlsplit(url).hostname])))
