"""The models that are being served: each loaded when it is needed, unloaded when nobody has asked for a while."""

import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from emulator import errors
from emulator.endpoints.process import LOAD_SECONDS, Asked, ServingProcess, Start
from emulator.endpoints.serving import Invocation, ModelToServe, Reply
from emulator.frames import Frame
from emulator.s3.access import S3Access

LONGEST_CHECK = 5.0
"""Seconds between two looks for idle models."""


QUIET_SECONDS = 0.5
"""Without a request after which a server that was replaced has none on its way to it either."""


@dataclass(frozen=True)
class Surroundings:
    """What all serving processes share."""

    start: Start
    s3: S3Access
    device: str
    scratch: Path | None = None
    """Where processes have their folders; the system's folder of temporary files where nothing is said."""


class ServedModel:
    """One production variant's model. Satisfies ModelServer."""

    def __init__(self, surroundings: Surroundings, region: str, variant: str, model: ModelToServe) -> None:
        self._start = surroundings.start
        self._scratch = surroundings.scratch
        self._order: dict[str, Any] = {
            "model_data_url": model.model_data_url,
            "uncompressed": model.uncompressed,
            "container": "djl" if "djl" in model.image else "tgi",
            "environment": dict(model.environment),
            "variant": variant,
            "region": region,
            "s3": asdict(surroundings.s3),
            "device": surroundings.device,
        }
        self._lock = threading.Condition()
        self._process: ServingProcess | None = None
        self._loading: Future[ServingProcess] | None = None
        self._closed = False
        self._users = 0
        self._used_at = time.monotonic()

    def start(self) -> None:
        """Load the model from S3 and answer once. Raises EndpointFailure."""
        self._loaded(LOAD_SECONDS)

    def invoke(self, invocation: Invocation) -> Reply:
        """The model's answer to one request, from its first part on. Raises ContainerError."""
        parts = self._frames(invocation)
        first = next(parts)
        return Reply(first.content["content_type"], _Payloads(first, parts))

    def finish(self, seconds: float) -> None:
        """Return once nothing is being answered any more, or after so long."""
        now = time.monotonic()
        quiet_since, deadline = now, now + seconds
        with self._lock:
            while not self._closed and now < deadline and (self._users or now < quiet_since + QUIET_SECONDS):
                self._lock.wait(min(QUIET_SECONDS, deadline - now))
                now = time.monotonic()
                quiet_since = max(quiet_since, self._used_at)

    def close(self) -> None:
        """End the process and free its memory; whatever waits for `start` or an answer fails."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
            process = self._process
        if process is not None:
            process.kill()

    @property
    def pid(self) -> int | None:
        """The process that has the model loaded, if one has."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def unload_if_idle(self, seconds: float) -> None:
        """End the process where nobody has asked for so long."""
        with self._lock:
            process = self._process
            idle = not self._users and time.monotonic() - self._used_at >= seconds
            if process is None or not process.alive or not idle:
                return
            self._process = self._loading = None
        process.kill()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                self._used_at = time.monotonic()
                self._lock.notify_all()

    def _frames(self, invocation: Invocation) -> Generator[Frame]:
        deadline = time.monotonic() + invocation.seconds
        with self._in_use():
            try:
                process = self._loaded(invocation.seconds)
            except TimeoutError:
                raise errors.invocation_timed_out() from None
            except errors.EndpointFailure as failure:
                raise errors.container_not_loaded(str(failure)) from failure
            asked: Asked = process.ask(replace(invocation, seconds=deadline - time.monotonic()))
            yield from asked.parts()

    def _loaded(self, seconds: float) -> ServingProcess:
        """The process with the model loaded, within so many seconds. Raises EndpointFailure or TimeoutError."""
        with self._lock:
            if self._closed:
                raise errors.serving_closed()
            if self._loading is None or _over(self._loading):
                self._process, self._loading = self._begin_to_load()
            loading = self._loading
        return loading.result(seconds)

    def _begin_to_load(self) -> tuple[ServingProcess, "Future[ServingProcess]"]:
        """A process that loads the model, and what will come of it. Raises EndpointFailure."""
        try:
            if self._scratch is not None:
                self._scratch.mkdir(parents=True, exist_ok=True)  # cleaners of temporary files may have been here
            process = ServingProcess(self._start, self._order, self._scratch)
        except OSError as problem:
            raise errors.serving_unavailable(str(problem)) from problem
        loading: Future[ServingProcess] = Future()
        threading.Thread(target=self._load, args=(process, loading), daemon=True, name="serving-load").start()
        return process, loading

    def _load(self, process: ServingProcess, loading: "Future[ServingProcess]") -> None:
        with self._in_use():  # for as long as it takes, whether or not anybody still waits for it
            try:
                process.load()
            except OSError as problem:  # a full disk, or too many open files
                loading.set_exception(errors.serving_unavailable(str(problem)))
            except BaseException as problem:
                loading.set_exception(problem)
            else:
                loading.set_result(process)


class ServingProcesses:
    """All models that are being served. Satisfies ModelServers.

    `idle_seconds` is how long a model stays loaded that nobody asks; 0 is for ever.
    """

    def __init__(self, surroundings: Surroundings, idle_seconds: float) -> None:
        self._surroundings = surroundings
        self._idle_seconds = idle_seconds
        self._models: list[ServedModel] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._unload_idle_ones, daemon=True, name="idle-endpoints")
        if idle_seconds:
            self._watch.start()

    def open(self, region: str, endpoint_name: str, variant: str, model: ModelToServe) -> ServedModel:  # noqa: ARG002
        """A server for one production variant, not started yet; returns at once."""
        served = _Registered(self, self._surroundings, region, variant, model)
        with self._lock:
            self._models.append(served)
        return served

    def close(self) -> None:
        """End all of them."""
        self._closing.set()
        with self._lock:
            models = list(self._models)
        for model in models:
            model.close()
        if self._idle_seconds:
            self._watch.join()

    def forget(self, model: ServedModel) -> None:
        """A model that is served no more."""
        with self._lock:
            if model in self._models:
                self._models.remove(model)

    def _unload_idle_ones(self) -> None:
        while not self._closing.wait(min(LONGEST_CHECK, self._idle_seconds / 4)):
            with self._lock:
                models = list(self._models)
            for model in models:
                model.unload_if_idle(self._idle_seconds)


class _Registered(ServedModel):
    """A model that is on the list while it is served."""

    def __init__(
        self, processes: ServingProcesses, surroundings: Surroundings, region: str, variant: str, model: ModelToServe
    ) -> None:
        super().__init__(surroundings, region, variant, model)
        self._processes = processes

    def close(self) -> None:
        self._processes.forget(self)
        super().close()


def _over(loading: "Future[ServingProcess]") -> bool:
    """Whether a load has ended without a process that still lives."""
    return loading.done() and (loading.exception() is not None or not loading.result().alive)


class _Payloads:
    """The content of frames; closing it gives up what is left of them, begun or not."""

    def __init__(self, first: Frame, others: Generator[Frame]) -> None:
        self._first: Frame | None = first
        self._others = others

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        frame, self._first = self._first or next(self._others), None
        return frame.payload

    def close(self) -> None:
        self._others.close()
