"""A running emulator: binds the port, builds the parts, and ends them."""

import logging
import socket
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from waitress import wasyncore
from waitress.server import create_server

from emulator import errors
from emulator.base_models.catalogue import chosen_models
from emulator.channel import Channel
from emulator.endpoints.keeper import EndpointKeeper
from emulator.endpoints.processes import ServingProcesses, Surroundings
from emulator.endpoints.serving import ModelServers
from emulator.endpoints.store import Hosting
from emulator.executors import Executor, FreshExecutor, make_executor
from emulator.jobs import training_jobs
from emulator.jobs.runner import JobRunner
from emulator.jobs.store import JobStore
from emulator.server import Front
from emulator.services import Services
from emulator.settings import Settings
from emulator.storage.data_dir import Data, open_data
from emulator.storage.database import Database
from emulator.storage.history import History
from emulator.storage.local_s3 import LocalAws
from emulator.storage.remote_s3 import RemoteS3
from emulator.storage.tags import Tags

if TYPE_CHECKING:
    from emulator.storage.durable_s3 import DurableS3

logger = logging.getLogger(__name__)

REQUEST_THREADS = 64
"""Each invocation holds one while the model writes; most of the others idle."""
LARGEST_UPLOAD = 5 * 1024**3  # S3's limit for one PUT


class Emulator:
    """The emulator in this process, answering from the moment it is made until it is closed.

    `executor` runs the jobs and `servers` serve the endpoints; by default those that the settings name. Raises OSError
    where the port is taken, ValueError where the settings name no base model, and DataDirRefused where the data
    directory cannot be used.
    """

    def __init__(
        self, settings: Settings, executor: Executor | None = None, servers: ModelServers | None = None
    ) -> None:
        chosen_models(settings)
        self._data = Data(Database()) if settings.in_memory else open_data(Path(settings.data_dir))
        try:
            listener = socket.create_server((settings.host, settings.port), backlog=1024)
        except OSError:
            self._data.close()
            raise
        self.host, self.port = listener.getsockname()[:2]
        self._executor = executor or make_executor(settings.worker_start)
        # A caller's own executor may know jobs alone.
        self._serving_executor = self._executor if executor is None else FreshExecutor()
        database = self._data.database
        self._store = JobStore(database)
        self._aws = aws = self._make_aws(settings)
        self._runner = JobRunner(self._store, self._executor, settings, self._s3_url(settings), _clock)
        hosting = Hosting(database, settings.account)
        self._keeper = EndpointKeeper(hosting.endpoints, servers or self._serving_processes(settings), _clock)
        tags = Tags(
            database,
            {
                "automl-job": self._store.owns,
                "training-job": partial(training_jobs.owns, self._store),
                "model": hosting.models.owns,
                "endpoint-config": hosting.configs.owns,
                "endpoint": hosting.endpoints.owns,
            },
        )
        services = Services(
            settings=settings,
            store=self._store,
            history=History(database),
            runner=self._runner,
            executor=self._executor,
            objects=RemoteS3(settings.s3_endpoint_url) if settings.s3_endpoint_url else aws,
            hosting=hosting,
            keeper=self._keeper,
            tags=tags,
            clock=_clock,
        )
        self._sockets: dict[int, Any] = {}
        wsgi: Any = create_server(
            Front(services, aws),
            map=self._sockets,
            sockets=[listener],
            threads=REQUEST_THREADS,
            max_request_body_size=LARGEST_UPLOAD,
            connection_limit=1000,
            asyncore_use_poll=True,  # select knows no descriptor over 1023, and fails on those that close() closes
            ident="automl-emulator",
        )
        wsgi.channel_class = Channel
        self._wsgi = wsgi
        self._thread = threading.Thread(target=self._wsgi.run, daemon=True, name="http")
        self._keeper.start()
        self._thread.start()
        self._runner.start()
        self._executor.boot()
        threading.Thread(target=_load, args=(aws,), daemon=True, name="load-moto").start()

    @property
    def url(self) -> str:
        """What a client on this machine sets as endpoint_url."""
        return self._loopback_url()

    def close(self) -> None:
        """Take no more requests, end all workers, and let go of the port."""
        self._keeper.close()
        self._runner.close()
        for executor in {self._executor, self._serving_executor}:
            executor.close()
        self._wsgi.task_dispatcher.shutdown()
        self._wsgi.close()
        wasyncore.close_all(self._wsgi._map)
        self._thread.join()
        self._aws.close()
        self._data.close()

    def _make_aws(self, settings: Settings) -> LocalAws:
        """moto, whose S3 is durable where there is a data directory and no other S3."""
        database, objects = self._data.database, self._data.objects
        if objects is None or settings.s3_endpoint_url:
            return LocalAws(settings.account, elsewhere=settings.s3_endpoint_url)

        def durable() -> "DurableS3":
            from emulator.storage.durable_s3 import DurableS3

            return DurableS3(database, objects, settings.account)

        return LocalAws(settings.account, durable)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serving_processes(self, settings: Settings) -> ServingProcesses:
        surroundings = Surroundings(
            self._serving_executor.start, self._s3_url(settings), settings.device, own_s3=not settings.s3_endpoint_url
        )
        return ServingProcesses(surroundings, settings.endpoint_idle_seconds)

    def _s3_url(self, settings: Settings) -> str:
        """Where the processes that this server starts find S3."""
        return settings.s3_endpoint_url or self._loopback_url()

    def _loopback_url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"


def _load(aws: LocalAws) -> None:
    """Have moto ready before it is needed; a request that needs it tells what could not be loaded."""
    try:
        aws.load()
    except errors.ApiError as problem:
        logger.warning("%s", problem.message)


def _clock() -> float:
    return round(time.time(), 3)
