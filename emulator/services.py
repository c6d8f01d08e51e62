"""What an operation may use; built once and passed on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.access.gate import Gate
from emulator.control.panel import Panel
from emulator.endpoints.keeper import EndpointKeeper
from emulator.endpoints.store import Hosting
from emulator.executors import Executor
from emulator.jobs.runner import JobRunner
from emulator.jobs.store import JobStore
from emulator.settings import Settings
from emulator.storage.history import History
from emulator.storage.tags import Tags
from emulator.validation.rules import ObjectIndex


@dataclass(frozen=True)
class Services:
    """The parts of a running emulator. `clock` gives epoch seconds, in whole milliseconds as the service sends them."""

    settings: Settings
    store: JobStore
    history: History
    runner: JobRunner
    executor: Executor
    objects: ObjectIndex
    hosting: Hosting
    keeper: EndpointKeeper
    tags: Tags
    gate: Gate
    control: Panel
    clock: Callable[[], float]
    check_data: Callable[[], None]
    """Raises InternalFailure once the data directory was removed."""
    training_jobs_of_moto: Callable[[str], list[Mapping[str, Any]]]
    """The summaries of those that moto's CreateTrainingJob made in a region."""
