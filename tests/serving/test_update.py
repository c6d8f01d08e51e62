"""Updating an endpoint that is being asked: what is under way is answered, by the process that began with it."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.conftest import fill_bucket
from tests.support.processes import state, wait_until_gone
from tests.support.server import Server, running_server
from tests.support.serving import LONG, Tuned, serving_processes, tune


@pytest.fixture(name="own", scope="module")
def _own() -> Iterator[tuple[Tuned, int]]:
    """An endpoint on a server of its own, and that server's process id."""
    with running_server("--device", "cpu") as (server, process):
        fill_bucket(server)
        yield tune(server, "updated", "Falcon7BInstruct"), process.pid


def alive(server_pid: int) -> set[int]:
    """The processes that serve models, without those that have ended and not been waited for."""
    return {pid for pid in serving_processes(server_pid) if state(pid) != "Z"}


def update(server: Server, name: str, config: str) -> None:
    """Give an endpoint a configuration that has the variants of its own, and wait until it serves."""
    sagemaker = server.client("sagemaker")
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"]
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=variants)
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def test_answers_under_way_are_finished_by_the_old_process(own: tuple[Tuned, int]) -> None:
    """A stream and a whole answer that began before an update end as they would have; then the old process goes.

    It is stopped while the update runs, so that they are under way for certain when the new one takes over.
    """
    tuned, server_pid = own
    prompt = tuned.request("hello", **LONG)
    body = tuned.stream(prompt)["Body"]
    parts = iter(body)
    first = next(parts)
    with closing(body), ThreadPoolExecutor(1) as client:
        whole = client.submit(tuned.text, "hello", **LONG)
        (old,) = alive(server_pid)
        os.kill(old, signal.SIGSTOP)
        try:
            update(tuned.server, tuned.name, "updated-2")
            row = tuned.predictions[0]
            assert tuned.text(row["input"]) == row["generated"]  # by the new one
            assert old in alive(server_pid)
        finally:
            os.kill(old, signal.SIGCONT)
        events = [first, *parts]
        text = whole.result(30)
    last = json.loads(events[-1]["PayloadPart"]["Bytes"].removeprefix(b"data:"))
    assert last["generated_text"] == text  # it had the same seed
    assert not wait_until_gone({old}, seconds=10)
    assert len(alive(server_pid)) == 1


def test_deleting_ends_what_an_update_left(own: tuple[Tuned, int]) -> None:
    """An endpoint that is gone has no process any more, not even one that was still to answer."""
    tuned, server_pid = own
    with closing(tuned.stream(tuned.request("hello", **LONG))["Body"]) as body:
        next(iter(body))
        (old,) = alive(server_pid)
        os.kill(old, signal.SIGSTOP)
        update(tuned.server, tuned.name, "updated-3")
        assert old in alive(server_pid)
        sagemaker = tuned.server.client("sagemaker")
        sagemaker.delete_endpoint(EndpointName=tuned.name)
        sagemaker.get_waiter("endpoint_deleted").wait(
            EndpointName=tuned.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )
        assert not alive(server_pid)
