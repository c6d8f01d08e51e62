"""The emulator with training held: jobs are taken and then stand still, so that the API alone is measured.

Run as a program with `automl-emulator serve`'s --port; ends with SIGTERM.
"""

import argparse
import signal
import sys
import threading
from pathlib import Path

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings

STUB_WORKER = Path(__file__).parents[1] / "support" / "stub_worker.py"


def main() -> None:
    """Serve with the settings that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, argument_default=argparse.SUPPRESS)
    parser.add_argument("--port", type=int)
    settings = Settings(**vars(parser.parse_args()))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with Emulator(settings, FreshExecutor([sys.executable, str(STUB_WORKER)])):
        ended.wait()


if __name__ == "__main__":
    main()
