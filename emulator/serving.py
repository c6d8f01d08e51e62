"""A running emulator: binds the port, builds the parts, and ends them."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from waitress import wasyncore
from waitress.server import create_server

from emulator import errors
from emulator.access.binding import CannotListen, Unsafe, in_url, keys_of, listen
from emulator.access.gate import Gate
from emulator.access.keys import new_key
from emulator.access.worker_files import WorkerFiles
from emulator.base_models.catalogue import chosen_models
from emulator.channel import Channel, Dispatcher
from emulator.control.answers import make_answers
from emulator.control.deployment import CommandedDeployer
from emulator.control.director import Director
from emulator.control.faults import FaultBoard
from emulator.control.outcomes import OutcomeBoard
from emulator.control.pages import is_prompt
from emulator.control.panel import Panel
from emulator.control.reset import Reset
from emulator.control.seed import Seed
from emulator.deployment import Deployer
from emulator.endpoints.keeper import EndpointKeeper
from emulator.endpoints.processes import ServingProcesses, Surroundings
from emulator.endpoints.serving import ModelServers
from emulator.endpoints.store import Hosting
from emulator.executors import Executor, FreshExecutor, make_executor
from emulator.invocations import RUNTIME_OPERATIONS
from emulator.jobs import training_jobs
from emulator.jobs.attempt import Workshop
from emulator.jobs.folders import RunFolders
from emulator.jobs.runner import JobRunner
from emulator.jobs.store import JobStore
from emulator.operations import OPERATIONS
from emulator.recordings.library import Library
from emulator.recordings.results import Results
from emulator.server import Front
from emulator.services import Services
from emulator.settings import Settings
from emulator.storage.data_dir import RUNS, Data, open_data
from emulator.storage.database import Database
from emulator.storage.history import History
from emulator.storage.local_logs import LocalLogs
from emulator.storage.local_s3 import LocalAws
from emulator.storage.remote_s3 import RemoteS3
from emulator.storage.s3_access import S3Access
from emulator.storage.tags import Tags

if TYPE_CHECKING:
    from emulator.storage.durable_s3 import DurableS3

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
        listener = listen(settings)  # before anything is made: a port that is taken leaves nothing behind
        try:
            self._data = Data(Database()) if settings.in_memory else open_data(Path(settings.data_dir))
        except BaseException:
            listener.close()
            raise
        self.host, self.port = listener.getsockname()[:2]
        self._trainer = trainer = executor or make_executor(settings.worker_start)
        # A caller's own executor may know jobs alone.
        self._serving_executor = trainer if executor is None else FreshExecutor()
        database = self._data.database
        self._store = JobStore(database)
        answers = make_answers(settings, library, Results(database, self._store))
        self._executor = director = Director(trainer, answers, settings.replay)
        self._aws = aws = self._make_aws(settings)
        worker_key = new_key()
        gate = Gate(None if keys is None else keys | {worker_key.id: worker_key}, clock, any_host=settings.insecure)
        s3 = S3Access(self._loopback_url(), worker_key.id, worker_key.secret, own=True)
        if settings.s3_endpoint_url:
            s3 = S3Access(settings.s3_endpoint_url)
        self._scratch = RunFolders(None if settings.in_memory else Path(settings.data_dir) / RUNS)
        hosting = Hosting(database, settings.account)
        self._keeper = EndpointKeeper(hosting.endpoints, servers or self._serving_processes(settings, s3), clock)
        objects = RemoteS3(settings.s3_endpoint_url) if settings.s3_endpoint_url else aws
        deployer = CommandedDeployer(Deployer(hosting, self._keeper, clock), objects.has)
        logs = LocalLogs(aws, settings.account)
        self._runner = JobRunner(
            self._store, self._executor, settings, clock, Workshop(s3, self._scratch, logs, deployer, director.plays)
        )
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
        self._control = Panel(
            FaultBoard([*OPERATIONS, *RUNTIME_OPERATIONS]),
            OutcomeBoard(library.known),
            Seed(),
            Reset(self._runner, self._keeper, self._store, aws.reset, kept=self._data.objects is not None),
        )
        services = Services(
            settings=settings,
            store=self._store,
            history=History(database),
            runner=self._runner,
            executor=self._executor,
            objects=objects,
            hosting=hosting,
            keeper=self._keeper,
            tags=tags,
            gate=gate,
            control=self._control,
            clock=clock,
            check_data=self._data.check,
            training_jobs_of_moto=aws.training_jobs,
        )
        self._sockets: dict[int, Any] = {}
        front = Front(services, aws, WorkerFiles(worker_key, self._scratch.parent, clock))
        wsgi: Any = create_server(
            front,
            map=self._sockets,
            _dispatcher=Dispatcher(REQUEST_THREADS, front.is_quick, is_prompt),
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
        wsgi.channel_class = Channel
        wsgi.gate = gate
        self._wsgi = wsgi
        self._thread = threading.Thread(target=self._wsgi.run, daemon=True, name="http")
        self._keeper.start()
        self._runner.start()
        self._thread.start()
        if settings.warm:
            self._executor.boot()
        threading.Thread(target=_load, args=(aws,), daemon=True, name="load-moto").start()

    @property
    def url(self) -> str:
        """What a client on this machine sets as endpoint_url."""
        return self._loopback_url()

    def close(self) -> None:
        """Take no more requests, end all workers, and let go of the port."""
        self._control.faults.clear()
        self._keeper.begin_to_end()
        self._runner.begin_to_end()
        for executor in {self._trainer, self._serving_executor}:
            executor.close()  # at once, since nobody can be asked for the end of a worker whose parent hangs
        self._keeper.close()
        self._runner.close()
        self._wsgi.task_dispatcher.shutdown()
        self._wsgi.close()
        wasyncore.close_all(self._wsgi._map)
        self._thread.join()
        self._aws.close()
        self._data.close()
        self._scratch.close()

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

    def _serving_processes(self, settings: Settings, s3: S3Access) -> ServingProcesses:
        surroundings = Surroundings(self._serving_executor.start, s3, settings.device, self._scratch.parent)
        return ServingProcesses(surroundings, settings.endpoint_idle_seconds)

    def _loopback_url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{in_url(host)}:{self.port}"


def _load(aws: LocalAws) -> None:
    """Have moto ready before it is needed; a request that needs it tells what could not be loaded."""
    try:
        aws.load()
    except errors.ApiError as problem:
        logger.warning("%s", problem.message)
