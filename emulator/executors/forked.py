"""Workers forked from a warm process: a job's first training step comes a fifth of a second after its create."""

import logging
import os
import threading

from emulator import errors
from emulator.executors.fresh import FreshExecutor, FreshWorker
from emulator.executors.warm_process import ForkedWorker, WarmProcess

ATTEMPTS = 3

logger = logging.getLogger(__name__)


class ForkedExecutor:
    """Starts workers through a fork server, which it starts anew should it be lost."""

    def __init__(self) -> None:
        self._leash, self._leash_end = os.pipe()
        self._lock = threading.Lock()
        self._server: WarmProcess | None = None
        self._closed = False
        self._fresh = FreshExecutor()

    def boot(self) -> None:
        """Begin to warm up."""
        self._living_server()

    def device(self) -> str | None:
        """Where training runs, once the warm process has looked."""
        server = self._server  # another may be in its place a moment later, or none
        return None if server is None else server.hello.get("device")

    def start(self, order_file: str, log_file: str) -> ForkedWorker | FreshWorker:
        """Run the order in a forked process, or in a fresh one where the warm process has threads.

        Raises JobFailure where training cannot run on this machine.
        """
        for attempt in range(ATTEMPTS):
            server = self._living_server()
            try:
                problem = server.problem()
                if problem is not None:
                    raise errors.training_unavailable(problem)
                if server.hello["threads"] > 1:
                    logger.warning("importing the training code started threads, so each job gets a fresh process")
                    return self._fresh.start(order_file, log_file)
                return server.start(order_file, log_file)
            except OSError as lost:  # the process died since; another one may live
                if not server.lost:  # no file or pipe could be opened here
                    raise
                logger.warning("the warm process was lost (%s), attempt %d", lost, attempt + 1)
                self._discard(server)
        raise errors.worker_lost("no warm process stays alive", "none")

    def close(self) -> None:
        """End the warm process, and with the leash every worker."""
        os.close(self._leash_end)
        self._fresh.close()
        with self._lock:
            self._closed = True
            if self._server is not None:
                self._server.close()
        os.close(self._leash)

    def _living_server(self) -> WarmProcess:
        with self._lock:
            if self._closed:
                raise errors.worker_lost("the server ends", "none")
            if self._server is not None and self._server.lost:
                self._server.close()
                self._server = None
            if self._server is None:
                self._server = WarmProcess(self._leash)
            return self._server

    def _discard(self, server: WarmProcess) -> None:
        with self._lock:
            if self._server is server:
                self._server = None
        server.close()
