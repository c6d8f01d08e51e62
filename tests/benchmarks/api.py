"""All that is measured of the API in one run: its speed, its lists, its start and memory, and itself under training.

Durable wherever the emulator can be; moto's server in turn with ours. Prints the tables for RESULTS.md.
"""

import argparse

from tests.benchmarks import api_speed, api_while_training, list_speed, server_start
from tests.benchmarks.machine import conditions
from tests.benchmarks.timing import note, table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1000, help="requests a repetition")
    list_speed.add_options(parser)
    options = parser.parse_args()
    print(conditions("automl-emulator", "moto", "waitress", "flask", "torch"))
    print("\n" + table(api_speed.HEAD, api_speed.speed_rows(options)), flush=True)
    note("lists")
    with list_speed.filled(options.few, options.many) as servers:
        rows = list_speed.list_rows(servers, options.few, options.many, options)
    print("\n" + table(list_speed.HEAD, rows), flush=True)
    note("start and memory")
    print("\n" + table(server_start.HEAD, server_start.start_rows(options)), flush=True)
    print("\n" + table(api_while_training.HEAD, api_while_training.training_rows(options)))


if __name__ == "__main__":
    main()
