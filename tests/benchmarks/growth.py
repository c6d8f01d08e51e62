"""What a server that runs for long grows by: a thousand played jobs, and the disk and memory that they leave."""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.machine import conditions
from tests.benchmarks.memory import resident
from tests.benchmarks.timing import note, table
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server, running_server

STUB = ("-m", "tests.support.stub_server")
HEAD = ("jobs that have ended", "emulator.db, KiB", "its write-ahead log, KiB", "all else, KiB", "server, RSS, MiB")
MOST_WAITING = 20


def main() -> None:
    """Run the jobs and print a row whenever another part of them has ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--parts", type=int, default=4)
    options = parser.parse_args()
    print(conditions("automl-emulator", "moto"))
    with TemporaryDirectory() as folder:
        data = Path(folder)
        with running_server("--data-dir", folder, "--workers", "4", program=STUB) as (server, process):
            rows = [_row(0, data, process.pid)]
            _prepare(server)
            for part in range(options.parts):
                count = options.jobs // options.parts
                _run(server, range(part * count, (part + 1) * count))
                rows.append(_row((part + 1) * count, data, process.pid))
                note(f"  {rows[-1]}")
    print("\n" + table(HEAD, rows))


def _prepare(server: Server) -> None:
    server.client("s3").create_bucket(Bucket=BUCKET)
    server.client("s3").put_object(Bucket=BUCKET, Key="train.csv", Body=b"input,output\na,b\n")


def _run(server: Server, numbers: range) -> None:
    """So many jobs, a few at a time; each is described until it has ended."""
    sagemaker = server.client("sagemaker")
    waiting: list[str] = []
    for number in numbers:
        sagemaker.create_auto_ml_job_v2(**text_generation(f"done-{number}", channel("train.csv")))
        waiting.append(f"done-{number}")
        if len(waiting) >= MOST_WAITING:
            server.wait(waiting.pop(0), "Completed")
    for name in waiting:
        server.wait(name, "Completed")
    time.sleep(2)


def _row(jobs: int, data: Path, pid: int) -> str:
    sizes = {file: file.stat().st_size / 1024 for file in data.rglob("*") if file.is_file()}
    database = sizes.pop(data / "emulator.db", 0.0)
    log = sizes.pop(data / "emulator.db-wal", 0.0)
    cells = (f"{jobs:,}", f"{database:,.0f}", f"{log:,.0f}", f"{sum(sizes.values()):,.0f}", f"{resident(pid):.1f}")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
