"""An emulator of a test's own: a process that begins with it and ends with it.

A process and not a thread, so that nothing a test does to its own (mocks of boto3 and of time, moto's mock_aws, strict
warnings, a crash) reaches the emulator, and the other way round.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import emulator
from emulator.credential_scope import DEFAULT_REGION
from emulator.settings import Settings, from_environment
from emulator.testing.running import RunningEmulator

IN_TESTS: dict[str, Any] = {"port": 0, "in_memory": True, "warm": False}
"""Settings that differ from those of `automl-emulator serve`, unless they are given: the process that training forks
from begins with the first fine-tune, since many sessions have none."""

LONGEST_END_SECONDS = 20
"""The emulator ends its workers first, and waits for them."""


_PROGRAM = (sys.executable, "-m", "emulator.testing.child")


class AutoMLEmulator(RunningEmulator):
    """`with AutoMLEmulator() as emulator:` - an emulator in memory, on a free port, at the command of this test.

    Takes the settings of `automl-emulator serve` by their names (`workers=2`, `replay="tests/recordings"`), and what
    `AUTOML_EMULATOR_...` variables set, but for the port. Ends with this process, however that ends.
    """

    def __init__(self, *, region: str = DEFAULT_REGION, **settings: Any) -> None:
        super().__init__("", region)
        self.settings = Settings(**from_environment() | IN_TESTS | settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._starter = 0

    def start(self) -> Self:
        """Begin; returns when calls are answered. Raises RuntimeError with the reason where that cannot be."""
        with tempfile.TemporaryFile() as log:
            self._process = process = subprocess.Popen(  # noqa: S603 - our own program
                [*_PROGRAM, json.dumps(asdict(self.settings)), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the tests, whose end is the emulator's
            )
            self._starter = os.getpid()
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            try:
                hello = process.stdout.readline()
            except BaseException:  # Ctrl-C
                self.stop()
                raise
            if not hello:
                self.stop()
                log.seek(0)
                raise RuntimeError(f"The emulator did not start: {log.read().decode(errors='replace').strip()}")
        given = self.settings
        self._at(json.loads(hello)["url"], given.credentials_file, given.s3_endpoint_url)
        return self

    def stop(self) -> None:
        """End the emulator and all that it has started; a process that was forked from the test's own leaves it be."""
        process = self._process
        if process is None or os.getpid() != self._starter:
            return
        self._process, self._url = None, ""
        self.close()
        with process:  # closes the pipes
            process.terminate()  # the end of its input may not come: what the test has forked holds that pipe, too
            try:
                process.wait(LONGEST_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _environment() -> dict[str, str]:
    """This process's, so that the child finds this package, and no folder of the tests in its place."""
    here = str(Path(emulator.__file__).parents[1])
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    own = {name: value for name, value in os.environ.items() if not name.startswith("COV_CORE_")}
    return own | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONSAFEPATH": "1"}
