"""An emulator that runs somewhere, as a test sees it."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulator import direct
from emulator.access.keys import Key, read_keys
from emulator.testing.control import Faults, Outcomes, Pages

ENDED = frozenset({"Completed", "Failed", "Stopped"})
_OVERRIDING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


_ANY_KEY = Key("test", "test")
"""For an emulator that asks for none, since clients do not send a call without one."""


class RunningEmulator:
    """The emulator at a URL: its clients, its control, and the environment that leads programs to it.

    One that asks for signatures gets those of the first key in `credentials_file`, the file that it was started with.
    Raises ValueError for a file without one.
    """

    def __init__(self, endpoint_url: str, region: str = "us-east-1", credentials_file: str = "") -> None:
        self._at(endpoint_url, region, credentials_file)

    def _at(self, endpoint_url: str, region: str, credentials_file: str) -> None:
        self.endpoint_url = endpoint_url.rstrip("/")
        self.region = region
        key = _first_key(credentials_file) if credentials_file else None
        self._key = key or _ANY_KEY
        self._pages = Pages(self.endpoint_url, key)
        self.faults = Faults(self._pages)
        self.outcomes = Outcomes(self._pages)
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client for a service of this emulator, with credentials that it takes; made once."""
        where = (service, region or self.region)
        with self._lock:
            if where not in self._clients:
                key = (self._key.id, self._key.secret, self._key.token)
                self._clients[where] = direct.client(service, self.endpoint_url, where[1], *key)
            return self._clients[where]

    def environment(self) -> dict[str, str]:
        """The variables with which AWS's SDKs and its CLI come here."""
        no_proxy = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1")))
        token = {} if self._key.token is None else {"AWS_SESSION_TOKEN": self._key.token}
        return token | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self._key.id,
            "AWS_SECRET_ACCESS_KEY": self._key.secret,
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
        for name in before:
            if name in _OVERRIDING or name.startswith("AWS_ENDPOINT_URL_"):
                del os.environ[name]
        os.environ.update(self.environment())
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
        """Where a job stands, in more detail than the API shows: progress, artifacts, outcome, walk of statuses."""
        details: dict[str, Any] = self._pages.ask("GET", f"/_emulator/jobs/{name}?region={self.region}")
        return details

    def wait(self, name: str, seconds: float = 300) -> dict[str, Any]:
        """DescribeAutoMLJobV2 of a job as soon as it has ended. Raises TimeoutError."""
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


def _first_key(credentials_file: str) -> Key:
    return next(iter(read_keys(Path(credentials_file).expanduser()).values()))
