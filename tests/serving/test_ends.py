"""Endpoints over HTTP when a process, an endpoint or the server itself ends."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EventStreamError

from tests.conftest import fill_bucket
from tests.support.processes import gone, stop_descendants, wait_until_gone
from tests.support.server import running_server
from tests.support.serving import LONG, Tuned, make_endpoint, serving_processes, tune
from tests.support.waiting import settled


def test_stopped_endpoint_does_not_delay_an_orderly_end(tmp_path: Path) -> None:
    """SIGTERM ends a server within seconds though a model's process and the warm one are stopped."""
    with running_server("--device", "cpu", "--data-dir", str(tmp_path)) as (server, process):
        fill_bucket(server)
        tuned = tune(server, "stopped", "Falcon7BInstruct")
        assert tuned.text("hello")
        started = stop_descendants(process.pid)
        process.terminate()
        assert process.wait(timeout=5) == 0
        assert not wait_until_gone(started, seconds=1)
    with running_server("--device", "cpu", "--data-dir", str(tmp_path)) as (server, _):
        assert server.client("sagemaker").describe_endpoint(EndpointName=tuned.name)["EndpointStatus"] == "InService"


@pytest.fixture(name="harmed", scope="module")
def _harmed() -> Iterator[tuple[Tuned, int]]:
    """An endpoint on a server of its own, whose processes may be killed, and that server's process id."""
    with running_server("--device", "cpu") as (server, process):
        fill_bucket(server)
        yield tune(server, "harmed", "Falcon7BInstruct"), process.pid


def test_kill_in_flight_is_a_model_error_over_http(harmed: tuple[Tuned, int]) -> None:
    """A killed process is ModelError for its callers, ModelStreamError for a stream, and nothing for later ones."""
    tuned, server_pid = harmed
    body = tuned.stream(tuned.request("hello", **LONG))["Body"]
    stream = iter(body)
    next(stream)
    with closing(body), ThreadPoolExecutor(1) as client:
        whole = client.submit(tuned.text, "hello", **LONG)
        time.sleep(0.3)
        (pid,) = serving_processes(server_pid)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ClientError) as caught:
            whole.result(20)
        with pytest.raises(EventStreamError, match="ModelStreamError"):
            list(stream)
    assert caught.value.response["Error"]["Code"] == "ModelError"
    assert caught.value.response["OriginalStatusCode"] == 500
    row = tuned.predictions[0]
    assert tuned.text(row["input"]) == row["generated"]
    assert serving_processes(server_pid) - {pid}


def test_delete_in_flight_over_http(harmed: tuple[Tuned, int]) -> None:
    """Deleting an endpoint ends its requests as ModelError, its process, and then it is not found."""
    tuned, server_pid = harmed
    sagemaker = tuned.server.client("sagemaker")
    with ThreadPoolExecutor(4) as clients:
        asked = [clients.submit(tuned.text, "hello", **LONG) for _ in range(4)]
        time.sleep(0.5)
        sagemaker.delete_endpoint(EndpointName=tuned.name)
        codes = set()
        for one in asked:
            with pytest.raises(ClientError) as caught:
                one.result(20)
            codes.add(caught.value.response["Error"]["Code"])
    assert codes == {"ModelError"}
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=tuned.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    with pytest.raises(ClientError, match=f"Endpoint {tuned.name} of account 123456789012 not found"):
        tuned.text("hello")
    assert not settled(lambda: serving_processes(server_pid), set())


def test_the_end_of_the_server_is_that_of_its_models(harmed: tuple[Tuned, int]) -> None:
    """A server that is killed leaves no serving process behind; it is the last test of this server."""
    tuned, server_pid = harmed
    assert make_endpoint(tuned.server, tuned.name, config=False)["EndpointStatus"] == "InService"
    (pid,) = serving_processes(server_pid)
    os.kill(server_pid, signal.SIGKILL)
    gone(pid)
