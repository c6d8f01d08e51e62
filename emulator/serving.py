"""A running emulator: binds the port, builds the parts, and ends them."""

import socket
import threading
import time
from functools import partial
from typing import Any, Self

from waitress import wasyncore
from waitress.server import create_server

from emulator.base_models.catalogue import chosen_models
from emulator.channel import Channel
from emulator.endpoints.keeper import EndpointKeeper
from emulator.endpoints.serving import ModelServers
from emulator.endpoints.store import Hosting
from emulator.endpoints.unserved import NoModelServers
from emulator.executors import Executor, make_executor
from emulator.jobs import training_jobs
from emulator.jobs.runner import JobRunner
from emulator.jobs.store import JobStore
from emulator.server import Front
from emulator.services import Services
from emulator.settings import Settings
from emulator.storage.database import Database
from emulator.storage.local_s3 import LocalAws
from emulator.storage.tags import Tags

REQUEST_THREADS = 16
LARGEST_UPLOAD = 5 * 1024**3  # S3's limit for one PUT


class Emulator:
    """The emulator in this process, answering from the moment it is made until it is closed.

    `executor` runs the jobs and `servers` serve the endpoints; by default those that the settings name. Raises OSError
    where the port is taken, and ValueError where the settings name no base model.
    """

    def __init__(
        self, settings: Settings, executor: Executor | None = None, servers: ModelServers | None = None
    ) -> None:
        chosen_models(settings)
        listener = socket.create_server((settings.host, settings.port), backlog=1024)
        self.host, self.port = listener.getsockname()[:2]
        self._executor = executor or make_executor(settings.worker_start)
        self._database = Database()
        self._store = JobStore(self._database)
        aws = LocalAws(settings.account)
        self._runner = JobRunner(self._store, self._executor, settings, self._loopback_url(), _clock)
        hosting = Hosting(self._database, settings.account)
        self._keeper = EndpointKeeper(hosting.endpoints, servers or NoModelServers(), _clock)
        tags = Tags(
            self._database,
            {
                "automl-job": self._store.owns,
                "training-job": partial(training_jobs.owns, self._store),
                "model": hosting.models.owns,
                "endpoint-config": hosting.configs.owns,
                "endpoint": hosting.endpoints.owns,
            },
        )
        services = Services(
            settings, self._store, self._runner, self._executor, aws, hosting, self._keeper, tags, _clock
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
        threading.Thread(target=aws.load, daemon=True, name="load-moto").start()

    @property
    def url(self) -> str:
        """What a client on this machine sets as endpoint_url."""
        return self._loopback_url()

    def close(self) -> None:
        """Take no more requests, end all workers, and let go of the port."""
        self._keeper.close()
        self._runner.close()
        self._executor.close()
        self._wsgi.task_dispatcher.shutdown()
        self._wsgi.close()
        wasyncore.close_all(self._wsgi._map)
        self._thread.join()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _loopback_url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"


def _clock() -> float:
    return round(time.time(), 3)
