"""A worker's report, from its first event to how it ended."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from emulator import errors
from emulator.executors import WorkerProcess
from emulator.jobs.active import ActiveRun
from emulator.jobs.events import Advanced, Alive, Event, Expired, Finished, Refused, StopWanted, parse_event
from emulator.jobs.record import IllegalTransition, SecondaryStatus
from emulator.problem_types import Progress

LONGEST_EVENT = 1_000_000
LONGEST_QUOTE = 200
EVENTS_AT_ONCE = 500
LEAST_SECONDS_FOR_THEM = 0.25

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unexplained:
    """A worker ended with this exit code, if anyone knows it, and reported neither a result nor a reason."""

    code: int | None


Result = Finished | Refused | Expired
End = Result | Unexplained


@dataclass(frozen=True)
class Report:
    """Reads the events of a worker; what it tells on the way goes to `advance`, `note` and `stop`."""

    run: ActiveRun
    advance: Callable[[SecondaryStatus], object]
    note: Callable[[Progress], object]
    stop: Callable[[], object]

    def follow(self, worker: WorkerProcess) -> End:
        """Take in events until the worker ends, and tell how it ended. Raises JobFailure for anything else.

        The first result counts: all that it tells of is stored by then, so whatever comes later changes nothing.
        """
        result: Result | None = None
        pace = time.monotonic()
        with worker.events as events:
            while line := events.readline(LONGEST_EVENT):
                self.run.heard += 1
                if self.run.heard % EVENTS_AT_ONCE == 0:
                    pace = _keep_pace(pace)
                if result is None:
                    result = self._take_in(line)
                    if result is not None:
                        self.run.expect_end()
        code = worker.wait()
        return result or Unexplained(code)

    def _take_in(self, line: bytes) -> Result | None:
        try:
            return self._act_on(parse_event(line))
        except (ValueError, IllegalTransition):
            raise errors.worker_incoherent(line[:LONGEST_QUOTE].decode(errors="replace").strip()) from None

    def _act_on(self, event: Event) -> Result | None:
        match event:
            case Advanced(status):
                self.advance(status)
            case Progress():
                self.note(event)
            case Finished() | Refused() | Expired():
                return event
            case StopWanted():
                self.stop()
            case Alive():
                pass
        return None


def _keep_pace(since: float) -> float:
    """Let a worker that talks without end wait, since the server has other work; returns now."""
    time.sleep(max(0.0, since + LEAST_SECONDS_FOR_THEM - time.monotonic()))
    return time.monotonic()
