"""Endpoints with models that were really tuned."""

import pytest

from tests.support.server import Server
from tests.support.serving import Tuned, tune


@pytest.fixture(scope="session", name="tgi")
def _tgi(training_server: Server) -> Tuned:
    """A decoder behind the Falcon models' container."""
    return tune(training_server, "answers-of-falcon", "Falcon7BInstruct")


@pytest.fixture(scope="session", name="djl")
def _djl(training_server: Server) -> Tuned:
    """An encoder-decoder behind the container of all other models."""
    return tune(training_server, "answers-of-flan", "FlanT5L")


@pytest.fixture(params=["tgi", "djl"], name="tuned")
def _tuned(request: pytest.FixtureRequest) -> Tuned:
    """Each of the two."""
    tuned: Tuned = request.getfixturevalue(request.param)
    return tuned
