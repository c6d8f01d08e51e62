"""Speed of API calls, training held, beside moto's server; prints a table for RESULTS.md."""

import argparse
import itertools
import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from tests.benchmarks.load import Load, generate, post
from tests.benchmarks.machine import conditions
from tests.benchmarks.servers import HELD_EMULATOR, MOTO, Running, ask, headers, running, wait_for_connection
from tests.benchmarks.timing import in_turn, median_ratio, note, row, table, with_spread
from tests.support.requests import BUCKET, text_generation
from tests.support.server import Server

KNOWN_JOB = "known-job"
CLIENTS = (1, 16)
WARM_UP_REQUESTS = 50
HEAD = (
    "operation",
    "clients",
    "emulator, requests/s",
    "moto, requests/s",
    "ratio",
    "emulator p50 / p99, ms",
    "moto p50 / p99, ms",
    "p99 ratio",
)

Requests = Callable[[int], bytes]
_names = itertools.count()


def creation(name: str) -> dict[str, Any]:
    """A request that both servers take: moto breaks where CompletionCriteria is absent."""
    return text_generation(name, CompletionCriteria={"MaxCandidates": 1})


def describe(_: int) -> bytes:
    """DescribeAutoMLJobV2 of one and the same job."""
    return call("DescribeAutoMLJobV2", {"AutoMLJobName": KNOWN_JOB})


def create(_: int) -> bytes:
    """CreateAutoMLJobV2 with a name that no server has seen."""
    return call("CreateAutoMLJobV2", creation(f"job-{next(_names)}"))


OPERATIONS: dict[str, Requests] = {"DescribeAutoMLJobV2": describe, "CreateAutoMLJobV2": create}


def call(operation: str, content: dict[str, Any]) -> bytes:
    """A SageMaker call as it goes over the wire."""
    return post(headers(operation), json.dumps(content).encode())


def prepare(server: Running) -> None:
    """An object for the jobs to read, and the job to describe."""
    wait_for_connection(server)
    s3 = Server(f"http://127.0.0.1:{server.port}").client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\nq,a\nq,a\n")
    ask(server.port, "CreateAutoMLJobV2", creation(KNOWN_JOB))
    for request in OPERATIONS.values():
        generate(server.port, 1, WARM_UP_REQUESTS, request)


def measured_row(ours: Running, theirs: Running, operation: str, clients: int, options: argparse.Namespace) -> str:
    """Both servers in turn under the same load."""
    note(f"{operation}, {clients} clients")
    loads = in_turn(
        options.repetitions,
        lambda: generate(ours.port, clients, options.requests, OPERATIONS[operation]),
        lambda: generate(theirs.port, clients, options.requests, OPERATIONS[operation]),
    )
    rates = [[load.rate for load in side] for side in loads]
    slowest = [[load.percentile(0.99) for load in side] for side in loads]
    return row(
        operation,
        str(clients),
        *(with_spread(side, 0) for side in rates),
        f"{median_ratio(*rates):.3g}",
        *(_latencies(side) for side in loads),
        f"{median_ratio(*slowest):.3g}",
    )


def _latencies(loads: list[Load]) -> str:
    return " / ".join(with_spread([load.percentile(share) for load in loads], 2) for share in (0.5, 0.99))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1000, help="requests a repetition")
    options = parser.parse_args()
    print(conditions("automl-emulator", "moto", "waitress", "flask"))
    print("\n" + table(HEAD, speed_rows(options)))


def speed_rows(options: argparse.Namespace) -> list[str]:
    """Each operation at each number of clients."""
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(running(command)) for command in (HELD_EMULATOR, MOTO))
        for server in (ours, theirs):
            prepare(server)
        return [
            measured_row(ours, theirs, operation, clients, options) for operation in OPERATIONS for clients in CLIENTS
        ]


if __name__ == "__main__":
    main()
