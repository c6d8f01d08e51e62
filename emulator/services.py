"""What an operation may use; built once and passed on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from emulator.executors import Executor
from emulator.jobs.runner import JobRunner
from emulator.jobs.store import JobStore
from emulator.settings import Settings
from emulator.storage.layout import S3Uri


class Objects(Protocol):
    """What the API asks of S3."""

    def any_under(self, uri: S3Uri) -> bool:
        """Whether an object's key begins with the URI's."""


@dataclass(frozen=True)
class Services:
    """The parts of a running emulator. `clock` gives epoch seconds, in whole milliseconds as the service sends them."""

    settings: Settings
    store: JobStore
    runner: JobRunner
    executor: Executor
    objects: Objects
    clock: Callable[[], float]
