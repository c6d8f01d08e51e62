"""The process of an AutoMLEmulator: tells its URL on the standard output, and ends with whoever started it.

That is told by a signal, by the end of the standard input, and by another parent: processes that the test has forked
hold the other end of the input, too.
"""

import json
import os
import select
import socket
import sys

from emulator import direct
from emulator.ending import told_to_end
from emulator.serving import Emulator
from emulator.settings import Settings
from emulator.storage.refused import DataDirRefused

SECONDS_BETWEEN_LOOKS = 0.5


def main(settings: str, parent: str) -> None:
    """Serve with these settings, as JSON, until the process `parent` says otherwise or is gone."""
    told = told_to_end()
    given = json.loads(settings)
    if not given["s3_endpoint_url"]:
        direct.forget_configuration()
    try:
        running = Emulator(Settings(**given))
    except (OSError, ValueError, DataDirRefused) as problem:
        sys.exit(str(problem))
    with running:
        sys.stdout.write(json.dumps({"url": running.url}) + "\n")
        sys.stdout.flush()
        _wait(told, int(parent))


def _wait(told: socket.socket, parent: int) -> None:
    while os.getppid() == parent:
        ready, _, _ = select.select([told, sys.stdin], [], [], SECONDS_BETWEEN_LOOKS)
        if told in ready or (ready and not os.read(sys.stdin.fileno(), 1)):
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
