"""The emulator with training held: jobs are taken and then stand still, so that the API alone is measured.

Run as a program with a port; ends with SIGTERM.
"""

import signal
import sys
import threading
from pathlib import Path

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings

STUB_WORKER = Path(__file__).parents[1] / "support" / "stub_worker.py"


def main() -> None:
    """Serve on the port that the command line names."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with Emulator(Settings(port=int(sys.argv[1])), FreshExecutor([sys.executable, str(STUB_WORKER)])):
        ended.wait()


if __name__ == "__main__":
    main()
