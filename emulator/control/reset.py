"""A reset: what runs is ended, and what is kept is forgotten."""

import threading
from collections.abc import Callable

from emulator import errors
from emulator.endpoints.keeper import EndpointKeeper
from emulator.jobs.runner import JobRunner
from emulator.jobs.store import JobStore


class Reset:
    """Ends jobs and endpoints and empties the database; `forget_aws` empties S3 and the rest of moto."""

    def __init__(
        self,
        runner: JobRunner,
        keeper: EndpointKeeper,
        store: JobStore,
        forget_aws: Callable[[], None],
        *,
        kept: bool,
    ) -> None:
        self._runner = runner
        self._keeper = keeper
        self._store = store
        self._forget_aws = forget_aws
        self._kept = kept
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """Do it, one at a time. Raises InvalidRequest where what is kept is to outlast the server."""
        if self._kept:
            raise errors.reset_would_lose_data()
        with self._lock:
            self._runner.reset(lambda: self._keeper.reset(self._store.clear))
            self._forget_aws()
