"""The first page of ListAutoMLJobs among many jobs, beside moto's server; prints a table for RESULTS.md."""

import argparse
import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.benchmarks.api_speed import call, creation, prepare
from tests.benchmarks.load import generate
from tests.benchmarks.machine import conditions
from tests.benchmarks.servers import HELD_EMULATOR, MOTO, Running, running
from tests.benchmarks.timing import comparison, in_turn, note, table

PAGE = 100
FILLING_CLIENTS = 16
HEAD = ("figure", "emulator", "beside it", "ratio")
_names = itertools.count()


@dataclass(frozen=True)
class Filled:
    """Three servers with training held: ours with few and with many jobs, and moto's with few."""

    few: Running
    many: Running
    moto: Running


@contextmanager
def filled(few: int, many: int) -> Iterator[Filled]:
    """The servers, filled through the API."""
    with ExitStack() as stack:
        ours = [stack.enter_context(running(HELD_EMULATOR)) for _ in range(2)]
        moto = stack.enter_context(running(MOTO))
        for server, count in ((ours[0], few), (ours[1], many), (moto, few)):
            prepare(server)
            note(f"  {count} jobs: {generate(server.port, FILLING_CLIENTS, count, _create)}")
        yield Filled(ours[0], ours[1], moto)


def page_milliseconds(server: Running, requests: int) -> float:
    """The median time of a first page, one client."""
    return generate(server.port, 1, requests, _first_page).percentile(0.5)


def list_rows(servers: Filled, few: int, many: int, options: argparse.Namespace) -> list[str]:
    """Ours beside moto's, and many jobs beside few."""
    ask = options.pages
    beside_moto = in_turn(
        options.repetitions, lambda: page_milliseconds(servers.few, ask), lambda: page_milliseconds(servers.moto, ask)
    )
    beside_few = in_turn(
        options.repetitions, lambda: page_milliseconds(servers.many, ask), lambda: page_milliseconds(servers.few, ask)
    )
    return [
        comparison(f"ListAutoMLJobs, first page of {PAGE} at {few:,} jobs, ms; beside moto", *beside_moto, 2),
        comparison(f"the same at {many:,} jobs, ms; beside {few:,} jobs", *beside_few, 2),
    ]


def add_options(parser: argparse.ArgumentParser) -> None:
    """How many jobs there are, and how many pages a repetition asks for."""
    parser.add_argument("--few", type=int, default=10_000, help="jobs in the first two servers")
    parser.add_argument("--many", type=int, default=100_000, help="jobs in the third")
    parser.add_argument("--pages", type=int, default=50, help="pages a repetition")


def _create(_: int) -> bytes:
    return call("CreateAutoMLJobV2", creation(f"listed-{next(_names):07}"))


def _first_page(_: int) -> bytes:
    return call("ListAutoMLJobs", {"MaxResults": PAGE})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    add_options(parser)
    options = parser.parse_args()
    print(conditions("automl-emulator", "moto", "waitress"))
    with filled(options.few, options.many) as servers:
        rows = list_rows(servers, options.few, options.many, options)
    print("\n" + table(HEAD, rows))


if __name__ == "__main__":
    main()
