"""A running emulator: binds the port, begins the parts, and ends them."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from waitress import wasyncore
from waitress.server import create_server

from emulator import errors
from emulator.access.binding import CannotListen, Unsafe, in_url, keys_of, listen
from emulator.base_models.catalogue import chosen_models
from emulator.channel import Channel, Dispatcher
from emulator.control.pages import is_prompt
from emulator.endpoints.serving import ModelServers
from emulator.executors import Executor
from emulator.local_aws.aws import LocalAws
from emulator.parts import Brought, Parts
from emulator.recordings.library import Library
from emulator.settings import Settings
from emulator.storage.data_dir import Data, open_data
from emulator.storage.database import Database

logger = logging.getLogger(__name__)

__all__ = ["CannotListen", "Emulator", "Unsafe"]

REQUEST_THREADS = 96
"""Each invocation holds one while the model writes; most of the others idle."""
LARGEST_UPLOAD = 5 * 1024**3  # S3's limit for one PUT
LARGEST_HEAD = 64 * 1024
LARGEST_IN_MEMORY = 128 * 1024  # of a body; the rest waits on the disk
MOST_CONNECTIONS = 500  # each may need a second descriptor, for a body: most systems allow 1024


def _clock() -> float:
    return round(time.time(), 3)


class Emulator:
    """The emulator in this process, answering from the moment it is made until it is closed.

    `executor` runs the jobs and `servers` serve the endpoints; by default those that the settings name. `clock` gives
    epoch seconds. Raises CannotListen where the port is taken, ValueError where the settings name no base model or no
    folder of recordings, Unsafe where they would open the server by mistake, and DataDirRefused where the data
    directory cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        executor: Executor | None = None,
        servers: ModelServers | None = None,
        clock: Callable[[], float] = _clock,
    ) -> None:
        chosen_models(settings)
        library = Library(settings.replay)
        keys = keys_of(settings)
        with ExitStack() as undo:  # what cannot be made leaves neither the port taken nor the data directory locked
            listener = undo.enter_context(listen(settings))  # first: a port that is taken leaves nothing behind at all
            self.host, self.port = listener.getsockname()[:2]
            data = Data(Database()) if settings.in_memory else open_data(Path(settings.data_dir))
            undo.callback(data.close)
            self._parts = Parts(settings, data, library, self.url, keys, Brought(clock, executor, servers))
            self._wsgi = _http_server(self._parts, listener)
            undo.pop_all()
        self._thread = threading.Thread(target=self._wsgi.run, daemon=True, name="http")
        self._begin(warm=settings.warm)

    @property
    def url(self) -> str:
        """What a client on this machine sets as endpoint_url."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{in_url(host)}:{self.port}"

    def close(self) -> None:
        """Take no more requests, end all workers, and let go of the port."""
        parts = self._parts
        parts.control.faults.clear()
        parts.keeper.begin_to_end()
        parts.runner.begin_to_end()
        parts.end_processes()
        parts.keeper.close()
        parts.runner.close()
        self._wsgi.task_dispatcher.shutdown()
        self._wsgi.close()
        wasyncore.close_all(self._wsgi._map)
        self._thread.join()
        parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, *, warm: bool) -> None:
        self._parts.keeper.start()
        self._parts.runner.start()
        self._thread.start()
        if warm:
            self._parts.director.boot()
        threading.Thread(target=_load, args=(self._parts.aws,), daemon=True, name="load-moto").start()


def _http_server(parts: Parts, listener: socket.socket) -> Any:
    """The HTTP server in front of the parts, which answers once it runs."""
    server: Any = create_server(
        parts.front,
        map={},  # of its own: others in this process may have servers, too
        _dispatcher=Dispatcher(REQUEST_THREADS, parts.front.is_quick, is_prompt),
        sockets=[listener],
        max_request_body_size=LARGEST_UPLOAD,
        max_request_header_size=LARGEST_HEAD,
        inbuf_overflow=LARGEST_IN_MEMORY,
        outbuf_high_watermark=2 * LARGEST_UPLOAD,  # else a client that does not read its answer holds a thread
        connection_limit=MOST_CONNECTIONS,
        cleanup_interval=10,
        asyncore_use_poll=True,  # select knows no descriptor over 1023, and fails on those that close() closes
        ident="automl-emulator",
    )
    server.channel_class = Channel
    server.gate = parts.gate
    return server


def _load(aws: LocalAws) -> None:
    """Have moto ready before it is needed; a request that needs it tells what could not be loaded."""
    try:
        aws.load()
    except errors.ApiError as problem:
        logger.warning("%s", problem.message)
