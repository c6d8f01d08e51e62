"""Cold start and idle memory of the emulator's server beside moto's; prints a table for RESULTS.md."""

import argparse
import time
from dataclasses import dataclass

from tests.benchmarks.machine import conditions
from tests.benchmarks.memory import resident, tree_proportional, wait_until_idle
from tests.benchmarks.servers import EMULATOR, MOTO, ask, list_buckets, running, wait_for_connection
from tests.benchmarks.timing import comparison, in_turn, table


@dataclass(frozen=True)
class Start:
    """One start: seconds since the process was started, and MiB."""

    connected: float
    answered: float
    memory_after_answer: float
    idle_memory: float
    idle_memory_of_all: float

    def __str__(self) -> str:
        return f"{self.answered:.3f} s, {self.idle_memory:.0f} MiB"


HEAD = ("figure", "emulator", "moto's server", "ratio")
FIGURES = {
    "connected": ("process start to the first accepted connection, s", 3),
    "answered": ("process start to the first answered ListAutoMLJobs, s", 3),
    "memory_after_answer": ("server process right after that answer, RSS, MiB", 1),
    "idle_memory": ("server process, idle, S3 answered too (moto loaded), RSS, MiB", 1),
    "idle_memory_of_all": ("all its processes, idle, the warm training process too, PSS, MiB", 1),
}


def measure(command: tuple[str, ...]) -> Start:
    """Start a server, on an empty data directory if it is ours, ask it once, let it come to rest, and end it."""
    with running(command) as server:
        wait_for_connection(server)
        connected = time.perf_counter() - server.began
        ask(server.port, "ListAutoMLJobs", {})
        answered = time.perf_counter() - server.began
        memory_after_answer = resident(server.process.pid)
        list_buckets(server.port)
        wait_until_idle(server.process.pid)
        idle_memory = resident(server.process.pid)
        return Start(connected, answered, memory_after_answer, idle_memory, tree_proportional(server.process.pid))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=9)
    options = parser.parse_args()
    print(conditions("automl-emulator", "moto", "waitress", "torch"))
    print("\n" + table(HEAD, start_rows(options)))


def start_rows(options: argparse.Namespace) -> list[str]:
    """Each figure of both servers."""
    for command in (EMULATOR, MOTO):
        measure(command)  # so that bytecode and page cache are there for both
    ours, theirs = in_turn(options.repetitions, lambda: measure(EMULATOR), lambda: measure(MOTO))
    return [
        comparison(text, [getattr(one, name) for one in ours], [getattr(one, name) for one in theirs], digits)
        for name, (text, digits) in FIGURES.items()
    ]


if __name__ == "__main__":
    main()
