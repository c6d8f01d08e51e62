"""The process of an AutoMLEmulator: tells its URL on the standard output, and ends when its standard input does."""

import json
import sys

from emulator import direct
from emulator.serving import Emulator
from emulator.settings import Settings


def main(settings: str) -> None:
    """Serve with these settings, as JSON, until whoever started this process is gone."""
    given = json.loads(settings)
    if not given["s3_endpoint_url"]:
        direct.forget_configuration()
    try:
        running = Emulator(Settings(**given | {"model": tuple(given["model"])}))
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))
    with running:
        sys.stdout.write(json.dumps({"url": running.url}) + "\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main(sys.argv[1])
