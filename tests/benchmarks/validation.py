"""What judging a valid CreateAutoMLJobV2 costs in processor time, beside moto's whole request; prints a table."""

import argparse
import time
from collections.abc import Callable

from emulator.s3.layout import S3Uri
from emulator.validation import constraints, rules
from tests.benchmarks.api_speed import create, creation, prepare
from tests.benchmarks.load import generate
from tests.benchmarks.machine import conditions
from tests.benchmarks.memory import processor_seconds
from tests.benchmarks.servers import MOTO, Running, running
from tests.benchmarks.timing import comparison, in_turn, table


class EveryObject:
    """An S3 in which everything is there: only the judging is timed."""

    def any_under(self, _: S3Uri) -> bool:
        """Yes."""
        return True

    def has(self, _: S3Uri) -> bool:
        """Yes."""
        return True

    def beginning(self, _: S3Uri, __: int) -> bytes:
        """A header."""
        return b"input,output\n"


def judge() -> None:
    """All that stands before a valid request becomes a job: types, constraints, rules."""
    request = constraints.check("CreateAutoMLJobV2", creation("job"))
    rules.check_create(request)
    rules.check_s3(request, "us-east-1", EveryObject())


def of_judging(requests: int) -> Callable[[], float]:
    """Processor milliseconds a request, in this process."""

    def measure() -> float:
        began = time.process_time()
        for _ in range(requests):
            judge()
        return (time.process_time() - began) / requests * 1000

    return measure


def of_a_request(server: Running, requests: int) -> Callable[[], float]:
    """Processor milliseconds that a server spends on a whole create."""

    def measure() -> float:
        began = processor_seconds(server.process.pid)
        generate(server.port, 1, requests, create)
        return (processor_seconds(server.process.pid) - began) / requests * 1000

    return measure


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--requests", type=int, default=500, help="requests a repetition")
    options = parser.parse_args()
    print(conditions("automl-emulator", "moto", "jsonschema"))
    judge()
    with running(MOTO) as moto:
        prepare(moto)
        results = in_turn(options.repetitions, of_judging(options.requests), of_a_request(moto, options.requests))
    head = ("figure", "judging alone", "moto, whole request", "ratio")
    print("\n" + table(head, [comparison("processor time of a valid create, ms", *results, 3)]))


if __name__ == "__main__":
    main()
