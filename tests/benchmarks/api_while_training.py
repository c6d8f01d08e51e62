"""Speed of DescribeAutoMLJobV2 while a job trains on all cores, beside the same when nothing does; prints a table."""

import argparse
import itertools
from functools import partial

from tests.benchmarks.api_speed import describe, prepare
from tests.benchmarks.load import Load, generate
from tests.benchmarks.machine import conditions
from tests.benchmarks.servers import EMULATOR, Running, running
from tests.benchmarks.timing import comparison, in_turn, note, table
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server

ROWS = 900
LONG = {"epochCount": "10", "batchSize": "8"}
HEAD = ("figure", "while a job trains", "idle", "ratio")
CLIENTS = (1, 16)
_names = itertools.count()


def training_rows(options: argparse.Namespace) -> list[str]:
    """p99 and rate at each number of clients, a training job and its absence in turn."""
    with running(EMULATOR) as server:
        client = Server(f"http://127.0.0.1:{server.port}")
        prepare(server)
        _upload(client)
        client.wait("known-job")
        rows = []
        for clients in CLIENTS:
            note(f"DescribeAutoMLJobV2 while training, {clients} clients")
            busy, idle = in_turn(
                options.repetitions,
                partial(_while_training, server, client, clients, options.requests),
                partial(generate, server.port, clients, options.requests, describe),
            )
            rows += _rows(clients, busy, idle)
        return rows


def _rows(clients: int, busy: list[Load], idle: list[Load]) -> list[str]:
    title = f"DescribeAutoMLJobV2, {clients} client{'s' * (clients > 1)}"
    slowest = [[load.percentile(0.99) for load in side] for side in (busy, idle)]
    rates = [[load.rate for load in side] for side in (busy, idle)]
    return [
        comparison(f"{title}, p99, ms", slowest[0], slowest[1], 2),
        comparison(f"{title}, requests/s", rates[0], rates[1], 0),
    ]


def _while_training(server: Running, client: Server, clients: int, requests: int) -> Load:
    """Load while a job of its own trains; the job is stopped, and gone, before this returns."""
    name = f"training-{next(_names)}"
    sagemaker = client.client("sagemaker")
    request = text_generation(name, channel("input/long.csv"), TextGenerationHyperParameters=LONG)
    sagemaker.create_auto_ml_job_v2(**request)
    client.wait(name, "TrainingModels")
    load = generate(server.port, clients, requests, describe)
    if client.describe(name)["AutoMLJobSecondaryStatus"] != "TrainingModels":
        raise RuntimeError("the job ended before the load did: fewer --requests, or more rows")
    sagemaker.stop_auto_ml_job(AutoMLJobName=name)
    client.wait(name, "Stopped")
    return load


def _upload(client: Server) -> None:
    rows = "".join(f"What is {number} plus one?,{number} plus one is {number + 1}.\n" for number in range(ROWS))
    client.client("s3").put_object(Bucket=BUCKET, Key="input/long.csv", Body=f"input,output\n{rows}".encode())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1000, help="requests a repetition")
    options = parser.parse_args()
    print(conditions("automl-emulator", "torch", "waitress"))
    print("\n" + table(HEAD, training_rows(options)))


if __name__ == "__main__":
    main()
