"""The emulator as a process whose jobs play scenarios (stub_worker.py); takes the flags of `automl-emulator serve`."""

import sys
from pathlib import Path

from emulator import cli, parts
from emulator.executors import FreshExecutor

STUB_WORKER = Path(__file__).parent / "stub_worker.py"


def main() -> None:
    """Serve until SIGTERM."""
    vars(parts)["make_executor"] = lambda _: FreshExecutor([sys.executable, str(STUB_WORKER)])
    cli.main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
