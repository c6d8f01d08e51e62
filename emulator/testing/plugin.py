"""The pytest plugin: an emulator for the session, and a clean one for each test that asks."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.credential_scope import DEFAULT_REGION
from emulator.settings import from_environment
from emulator.testing.process import AutoMLEmulator
from emulator.testing.running import RunningEmulator


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--automl-emulator-url URL` uses an emulator that runs already, a service of CI for example."""
    group = parser.getgroup("automl-emulator")
    group.addoption("--automl-emulator-url", metavar="URL", help="test against the emulator at this URL")


@pytest.fixture(scope="session")
def automl_emulator_settings() -> dict[str, Any]:
    """Settings of the session's emulator; override this fixture in your conftest.py to give others."""
    return {}


@pytest.fixture(scope="session")
def automl_emulator(
    request: pytest.FixtureRequest, automl_emulator_settings: dict[str, Any]
) -> Iterator[RunningEmulator]:
    """The session's emulator: in memory, on a free port, with the AWS environment leading to it until the end."""
    url = request.config.getoption("--automl-emulator-url")
    if url:
        given = from_environment() | automl_emulator_settings  # the rest is for an emulator of the session's own
        region, keys = given.get("region", DEFAULT_REGION), os.fspath(given.get("credentials_file", ""))
        emulator = RunningEmulator(url, region, keys)
        with emulator.aws_environment():
            yield emulator
        emulator.close()
        return
    with AutoMLEmulator(**automl_emulator_settings) as own, own.aws_environment():
        yield own


@pytest.fixture
def automl_clean(automl_emulator: RunningEmulator) -> Iterator[RunningEmulator]:
    """The session's emulator, reset before the test and after it."""
    automl_emulator.reset()
    yield automl_emulator
    automl_emulator.reset()
