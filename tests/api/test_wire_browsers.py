"""Pages of strangers in the user's own browser: it reaches the port, and they do not."""

from collections.abc import Iterator

import pytest
import requests

from emulator.executors import FreshExecutor
from emulator.serving import Emulator
from emulator.settings import Settings
from tests.support.server import JSON_1_1, Server

CALL = {"Content-Type": JSON_1_1, "X-Amz-Target": "SageMaker.ListAutoMLJobs"}
PATHS = ["/", "/bucket/key", "/moto-api/reset", "/_emulator/jobs/x", "/health"]


@pytest.fixture(scope="module", name="insecure")
def _insecure() -> Iterator[Server]:
    with Emulator(Settings(port=0, in_memory=True, workers=0, insecure=True), FreshExecutor([])) as emulator:
        yield Server(emulator.url)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", ["https://evil.example", "http://evil.example:4599", "null", "http://8.8.8.8"])
def test_pages_of_strangers_are_refused(own_server: Server, insecure: Server, path: str, origin: str) -> None:
    """A page of another site is refused everywhere, also where the server lets all machines in."""
    for server in (own_server, insecure):
        answer = requests.post(server.url + path, data="x", headers={"Origin": origin}, timeout=30)
        assert (answer.status_code, "answers no web pages from" in answer.text) == (403, True)
    call = requests.post(own_server.url, data="{}", headers=CALL | {"Origin": origin}, timeout=30)
    assert (call.status_code, call.json()["__type"]) == (403, "AccessDenied")
    assert requests.get(own_server.url + path, headers={"Sec-Fetch-Site": "cross-site"}, timeout=30).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:1", "http://app.test", "http://10.0.0.7"]
)
def test_pages_of_ones_own_are_not(own_server: Server, origin: str) -> None:
    """A page that is served on this machine or in its network may call."""
    assert requests.post(own_server.url, data="{}", headers=CALL | {"Origin": origin}, timeout=30).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4599", "127.0.0.1.evil.example", "localhost.evil.com."])
def test_names_of_strangers_are_refused(own_server: Server, insecure: Server, host: str) -> None:
    """A name that a stranger points at this machine is refused: a page of that name would be at home here."""
    answer = requests.post(own_server.url, data="{}", headers=CALL | {"Host": host}, timeout=30)
    assert (answer.status_code, "does not answer to the name" in answer.text) == (403, True)
    assert requests.post(insecure.url, data="{}", headers=CALL | {"Host": host}, timeout=30).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:4599", "127.0.0.1", "[::1]:4599", "emulator:4599", "bucket.localhost", "8.8.8.8",
     "host.docker.internal", "s3.us-east-1.amazonaws.com", "bucket.s3.amazonaws.com", "s3.localhost.localstack.cloud"],
)  # fmt: skip
def test_names_that_programs_use(own_server: Server, host: str) -> None:
    """Addresses, names of this machine and its network, and the services' own names are answered."""
    assert requests.post(own_server.url, data="{}", headers=CALL | {"Host": host}, timeout=30).status_code == 200
