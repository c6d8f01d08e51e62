"""Serving processes from their start to whatever end they find."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from emulator import errors
from emulator.endpoints.processes import ServedModel, ServingProcesses, Surroundings
from emulator.endpoints.serving import Invocation, ModelToServe
from emulator.executors import ForkedExecutor, FreshExecutor
from emulator.s3.access import S3Access
from tests.support.processes import gone
from tests.support.serving import LONG, Tuned


@pytest.fixture(name="start", scope="module")
def _start() -> Iterator[Any]:
    """Starts serving processes, and ends those that are left."""
    executor = ForkedExecutor()
    yield executor.start
    executor.close()


def test_folder_of_a_long_path(tgi: Tuned, start: Any, tmp_path: Path) -> None:
    """Where the data directory has a path too long for a socket, models are served all the same."""
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    surroundings = Surroundings(start, S3Access(tgi.server.url, "test", "test"), "cpu", deep)
    with closing(ServingProcesses(surroundings, idle_seconds=0)) as processes:
        served = processes.open("us-east-1", "endpoint", "AllTraffic", to_serve(tgi))
        assert json.loads(answer(served, invocation(tgi)))[0]["generated_text"]


@pytest.fixture(name="served")
def _served(tgi: Tuned, start: Any) -> Iterator[ServedModel]:
    """The tuned decoder, in a process that the test may harm; not loaded yet."""
    processes = ServingProcesses(Surroundings(start, S3Access(tgi.server.url, "test", "test"), "cpu"), idle_seconds=0)
    yield processes.open("us-east-1", "endpoint", "AllTraffic", to_serve(tgi))
    processes.close()


def to_serve(tuned: Tuned, **changes: Any) -> ModelToServe:
    """What the keeper would have opened for a container."""
    container = {"Environment": {}} | tuned.container | changes
    return ModelToServe("model", container["ModelDataUrl"], container["Image"], container["Environment"])


def invocation(tuned: Tuned, *, streaming: bool = False, seconds: float = 60, parameters: Any = None) -> Invocation:
    """A request as the front hands it on."""
    body = json.dumps(tuned.request("hello", **parameters or {})).encode()
    return Invocation(body, "application/json", "", streaming, seconds)


def answer(served: ServedModel, asked: Invocation) -> bytes:
    """A whole answer."""
    return b"".join(served.invoke(asked).parts)


def begun(served: ServedModel, tuned: Tuned) -> Any:
    """A text that does not end for long, after its first token."""
    reply = served.invoke(invocation(tuned, streaming=True, parameters=LONG))
    next(iter(reply.parts))
    return reply.parts


def pid_of(served: ServedModel) -> int:
    """The process that has the model loaded."""
    assert served.pid is not None
    return served.pid


def test_a_killed_process_is_an_error_for_those_in_it_and_none_for_the_next(served: ServedModel, tgi: Tuned) -> None:
    """SIGKILL in flight ends each waiting request at once with a container's 500; the next one starts a new process."""
    served.start()
    first = pid_of(served)
    parts = [begun(served, tgi) for _ in range(3)]
    os.kill(first, signal.SIGKILL)
    for part in parts:
        with pytest.raises(errors.ContainerError, match=r"signal 9") as lost:
            list(part)
        assert lost.value.status == 500
        part.close()
    assert json.loads(answer(served, invocation(tgi)))
    assert pid_of(served) != first


def test_a_stopped_process_times_out_and_is_replaced(served: ServedModel, tgi: Tuned) -> None:
    """A process that hangs is told as no answer in time, and killed, so that the next call finds another one."""
    served.start()
    first = pid_of(served)
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(errors.ContainerError, match="timed out") as late:
        answer(served, invocation(tgi, seconds=0.5))
    assert late.value.status == 0
    assert json.loads(answer(served, invocation(tgi)))
    assert pid_of(served) != first


def test_a_slow_text_times_out_and_leaves_the_process_alone(served: ServedModel, tgi: Tuned) -> None:
    """A text that takes too long is given up; the process writes on for others."""
    served.start()
    first = pid_of(served)
    with pytest.raises(errors.ContainerError, match="timed out"):
        answer(served, invocation(tgi, seconds=0.3, parameters=LONG))
    assert json.loads(answer(served, invocation(tgi)))
    assert pid_of(served) == first


def test_a_caller_that_goes_away_frees_its_place(served: ServedModel, tgi: Tuned) -> None:
    """More streams than there is room for can be begun one after the other, if each is closed."""
    served.start()
    for _ in range(40):
        begun(served, tgi).close()
    with ThreadPoolExecutor(8) as clients:
        assert len(set(clients.map(lambda _: answer(served, invocation(tgi)), range(8)))) == 1


def test_too_many_requests_are_told_so(served: ServedModel, tgi: Tuned) -> None:
    """The queue of a process ends somewhere, with TGI's 429; what was taken in is answered."""
    served.start()
    asked = invocation(tgi, streaming=True, parameters=LONG)
    full = threading.Event()
    taken: list[bytes] = []
    refused: list[errors.ContainerError] = []

    def ask(_: int) -> None:
        try:
            parts = served.invoke(asked).parts
        except errors.ContainerError as problem:
            refused.append(problem)
            full.set()
            return
        taken.append(next(iter(parts)))
        full.wait(asked.seconds)
        parts.close()

    with ThreadPoolExecutor(330) as clients:
        list(clients.map(ask, range(330)))
    assert all(taken)
    assert {problem.status for problem in refused} == {429}
    assert len(taken) + len(refused) == 330
    assert json.loads(answer(served, invocation(tgi)))


def test_closing_ends_what_is_in_flight(served: ServedModel, tgi: Tuned) -> None:
    """A deleted endpoint's requests end at once, its process is gone, and it answers no more."""
    parts = begun(served, tgi)
    pid = pid_of(served)
    served.close()
    with pytest.raises(errors.ContainerError):
        list(parts)
    parts.close()
    gone(pid)
    with pytest.raises(errors.ContainerError, match="deleted"):
        served.invoke(invocation(tgi))


def test_closing_ends_a_load(tgi: Tuned, start: Any) -> None:
    """Whoever waits for a model to be loaded is told when it is not wanted any more."""
    with socket.create_server(("127.0.0.1", 0)) as mute:  # an S3 that never answers
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        processes = ServingProcesses(Surroundings(start, S3Access(url, "test", "test"), "cpu"), idle_seconds=0)
        served = processes.open("us-east-1", "endpoint", "AllTraffic", to_serve(tgi))
        with ThreadPoolExecutor(1) as waiting:
            started = waiting.submit(served.start)
            connection, _ = mute.accept()
            with connection:
                processes.close()
                with pytest.raises(errors.EndpointFailure, match="deleted"):
                    started.result(10)


def test_an_idle_model_is_unloaded_and_loaded_again(tgi: Tuned, start: Any) -> None:
    """A model that nobody asks for a while has no process; the next call loads it again."""
    processes = ServingProcesses(Surroundings(start, S3Access(tgi.server.url, "test", "test"), "cpu"), idle_seconds=0.4)
    served = processes.open("us-east-1", "endpoint", "AllTraffic", to_serve(tgi))
    before = answer(served, invocation(tgi))
    first = pid_of(served)
    gone(first)
    assert served.pid is None
    assert answer(served, invocation(tgi)) == before
    assert pid_of(served) != first
    processes.close()
    assert served.pid is None


def test_loading_is_not_idling(tgi: Tuned, start: Any) -> None:
    """A model that takes longer to load than it may be idle is loaded all the same."""
    surroundings = Surroundings(start, S3Access(tgi.server.url, "test", "test"), "cpu")
    with closing(ServingProcesses(surroundings, idle_seconds=0.01)) as processes:
        served = processes.open("us-east-1", "endpoint", "AllTraffic", to_serve(tgi))
        served.start()
        assert json.loads(answer(served, invocation(tgi)))


def test_a_load_outlives_the_caller_who_began_it(tgi: Tuned, start: Any) -> None:
    """What nobody waits for any more is loaded on, for the next caller, however long it takes."""
    with socket.create_server(("127.0.0.1", 0)) as slow:  # an S3 that has not answered yet
        url = f"http://127.0.0.1:{slow.getsockname()[1]}"
        surroundings = Surroundings(start, S3Access(url, "test", "test"), "cpu")
        with closing(ServingProcesses(surroundings, idle_seconds=0.1)) as processes, ThreadPoolExecutor(1) as waiting:
            served = processes.open("us-east-1", "endpoint", "AllTraffic", to_serve(tgi))
            asked = waiting.submit(answer, served, invocation(tgi, seconds=0.1))
            connection, _ = slow.accept()
            with connection:
                with pytest.raises(errors.ContainerError, match="timed out"):
                    asked.result(10)
                pid = pid_of(served)
                time.sleep(0.5)  # five times what it may be idle
                assert served.pid == pid


def test_a_users_own_limits_are_kept(tgi: Tuned, start: Any) -> None:
    """TGI's variables in a container's environment lower the limits."""
    processes = ServingProcesses(Surroundings(start, S3Access(tgi.server.url, "test", "test"), "cpu"), idle_seconds=0)
    environment = {"MAX_INPUT_LENGTH": "8", "MAX_TOTAL_TOKENS": "12", "HF_MODEL_ID": "/opt/ml/model"}
    model = to_serve(tgi, Environment=environment)
    served = processes.open("us-east-1", "endpoint", "AllTraffic", model)
    with pytest.raises(errors.ContainerError, match="must be <= 12"):
        answer(served, invocation(tgi, parameters={"max_new_tokens": 30}))
    processes.close()


def test_gpu_that_is_not_there_is_no_fault_of_the_artifact(tgi: Tuned, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --device cuda and no GPU the endpoint's reason speaks of the device."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # of a process that begins in this test
    with closing(FreshExecutor()) as executor:
        surroundings = Surroundings(executor.start, S3Access(tgi.server.url, "test", "test"), "cuda")
        with closing(ServingProcesses(surroundings, idle_seconds=0)) as processes:
            served = processes.open("us-east-1", "endpoint", "AllTraffic", to_serve(tgi))
            with pytest.raises(errors.EndpointFailure, match="cannot serve models here: --device cuda asks for a GPU"):
                served.start()
