"""The parts of a running emulator, each made of those before it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.access.gate import Gate
from emulator.access.keys import Key, new_key
from emulator.access.worker_files import WorkerFiles
from emulator.control.answers import make_answers
from emulator.control.deployment import CommandedDeployer
from emulator.control.director import Director
from emulator.control.faults import FaultBoard
from emulator.control.outcomes import OutcomeBoard
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
from emulator.local_aws.aws import LocalAws
from emulator.local_aws.logs import LocalLogs
from emulator.operations import OPERATIONS
from emulator.recordings.library import Library
from emulator.recordings.results import Results
from emulator.s3.access import S3Access
from emulator.s3.remote import RemoteS3
from emulator.server import Front
from emulator.services import Services
from emulator.settings import Settings
from emulator.storage.data_dir import RUNS, Data
from emulator.storage.history import History
from emulator.storage.tags import Owner, Tags

if TYPE_CHECKING:
    from emulator.local_aws.durable_s3 import DurableS3


@dataclass(frozen=True)
class Brought:
    """What whoever makes an emulator brings of his own; the settings name an executor and servers where he has none."""

    clock: Callable[[], float]
    executor: Executor | None = None
    servers: ModelServers | None = None


class Parts:
    """All but the port. `url` is where workers find the emulator's own S3; without `keys` whoever comes may call."""

    def __init__(
        self,
        settings: Settings,
        data: Data,
        library: Library,
        url: str,
        keys: dict[str, Key] | None,
        brought: Brought,
    ) -> None:
        self._settings = settings
        self._data = data
        self._clock = brought.clock
        self._library = library
        self._trainer = brought.executor or make_executor(settings.worker_start)
        # A caller's own executor may know jobs alone.
        self._serving_executor = self._trainer if brought.executor is None else FreshExecutor()
        self._store = JobStore(data.database)
        self._hosting = Hosting(data.database, settings.account)
        self._scratch = RunFolders(None if settings.in_memory else Path(settings.data_dir) / RUNS)
        self._worker_key = new_key()
        self.gate = self._make_gate(keys)
        self.aws = _make_aws(settings, data)
        other = settings.s3_endpoint_url
        self._objects = RemoteS3(other) if other else self.aws
        self._s3 = S3Access(other) if other else S3Access(url, self._worker_key.id, self._worker_key.secret, own=True)
        self.director = self._make_director()
        self.keeper = self._make_keeper(brought.servers)
        self.runner = self._make_runner()
        self.control = self._make_panel()
        self.front = self._make_front()

    def close(self) -> None:
        """Let go of what is kept and of the scratch folders."""
        self.aws.close()
        self._data.close()
        self._scratch.close()

    def end_processes(self) -> None:
        """End all workers and all that serve, at once: nobody can be asked for that whose parent hangs."""
        for executor in {self._trainer, self._serving_executor}:
            executor.close()

    def _make_gate(self, keys: dict[str, Key] | None) -> Gate:
        """Lets in whoever has a key, workers included."""
        known = None if keys is None else keys | {self._worker_key.id: self._worker_key}
        return Gate(known, self._clock, any_host=self._settings.insecure)

    def _make_director(self) -> Director:
        """Runs jobs in workers, but for those that are answered or commanded."""
        settings = self._settings
        answers = make_answers(settings, self._library, Results(self._data.database, self._store))
        return Director(self._trainer, answers, settings.replay)

    def _make_keeper(self, servers: ModelServers | None) -> EndpointKeeper:
        """Brings endpoints up, each variant in a process."""
        if servers is None:
            start, device = self._serving_executor.start, self._settings.device
            surroundings = Surroundings(start, self._s3, device, self._scratch.parent)
            servers = ServingProcesses(surroundings, self._settings.endpoint_idle_seconds)
        return EndpointKeeper(self._hosting.endpoints, servers, self._clock)

    def _make_runner(self) -> JobRunner:
        """Runs jobs, and deploys the candidates of those that ask for it."""
        deployer = CommandedDeployer(Deployer(self._hosting, self.keeper, self._clock), self._objects.has)
        logs = LocalLogs(self.aws, self._settings.account)
        workshop = Workshop(self._s3, self._scratch, logs, deployer, self.director.plays)
        return JobRunner(self._store, self.director, self._settings, self._clock, workshop)

    def _make_panel(self) -> Panel:
        """What tests command."""
        kept = self._data.objects is not None
        return Panel(
            FaultBoard([*OPERATIONS, *RUNTIME_OPERATIONS]),
            OutcomeBoard(self._library.known),
            Seed(),
            Reset(self.runner, self.keeper, self._store, self.aws.reset, kept=kept),
        )

    def _make_tags(self) -> Tags:
        """The tags of every type of resource that is ours."""
        hosting = self._hosting
        owners: dict[str, Owner] = {
            "automl-job": self._store.owns,
            "training-job": partial(training_jobs.owns, self._store),
            "model": hosting.models.owns,
            "endpoint-config": hosting.configs.owns,
            "endpoint": hosting.endpoints.owns,
        }
        return Tags(self._data.database, owners)

    def _make_front(self) -> Front:
        """Answers requests, with all of the other parts."""
        services = Services(
            settings=self._settings,
            store=self._store,
            history=History(self._data.database),
            runner=self.runner,
            executor=self.director,
            objects=self._objects,
            hosting=self._hosting,
            keeper=self.keeper,
            tags=self._make_tags(),
            gate=self.gate,
            control=self.control,
            clock=self._clock,
            check_data=self._data.check,
            training_jobs_of_moto=self.aws.training_jobs,
        )
        return Front(services, self.aws, WorkerFiles(self._worker_key, self._scratch.parent, self._clock))


def _make_aws(settings: Settings, data: Data) -> LocalAws:
    """moto, whose S3 is durable where there is a data directory and no other S3."""
    database, objects = data.database, data.objects
    if objects is None or settings.s3_endpoint_url:
        return LocalAws(settings.account, elsewhere=settings.s3_endpoint_url)

    def durable() -> "DurableS3":
        from emulator.local_aws.durable_s3 import DurableS3

        return DurableS3(database, objects, settings.account)

    return LocalAws(settings.account, durable)
