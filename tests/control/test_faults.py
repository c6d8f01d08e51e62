"""Faults that a test commands: errors, waits, lost connections, for as many calls as it says."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from emulator.errors import COMMON_ERRORS
from emulator.executors import FreshExecutor
from emulator.serving import REQUEST_THREADS, Emulator
from emulator.settings import Settings
from emulator.testing import ControlRefused, RunningEmulator
from tests.support.hosting import make_endpoint
from tests.support.requests import text_generation
from tests.support.server import Server
from tests.support.wire import assert_error


@pytest.mark.parametrize("code", COMMON_ERRORS)
def test_known_error_has_the_words_and_status_of_aws(emulator: RunningEmulator, raw: Server, code: str) -> None:
    """A fault that names a common error alone answers it in AWS's form, with AWS's words and HTTP status."""
    emulator.faults.add("ListAutoMLJobs", error=code)
    status, message = COMMON_ERRORS[code]
    assert_error(raw.post("ListAutoMLJobs", {}), code, message, status)


def test_fault_hits_so_many_calls_of_its_operation(emulator: RunningEmulator, raw: Server) -> None:
    """The next two calls are hit, the third is answered, and so are calls of other operations."""
    emulator.faults.throttle("CreateAutoMLJobV2", times=2)
    assert raw.post("ListAutoMLJobs", {}).status_code == 200
    answers = [raw.post("CreateAutoMLJobV2", text_generation("done-1")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 200]
    assert [answer.json().get("message") for answer in answers[:2]] == ["Rate exceeded"] * 2
    (fault,) = emulator.faults.list()
    assert (fault["struck"], fault["times"]) == (2, 0)


def test_boto3_retries_its_way_through(emulator: RunningEmulator) -> None:
    """Throttling and a lost connection are what boto3's own retries get over."""
    emulator.faults.throttle("ListAutoMLJobs")
    emulator.faults.drop("ListAutoMLJobs")
    assert emulator.client("sagemaker").list_auto_ml_jobs()["AutoMLJobSummaries"] == []
    assert [fault["struck"] for fault in emulator.faults.list()] == [1, 1]


def test_faults_count_in_their_order(emulator: RunningEmulator, raw: Server) -> None:
    """The first fault that is not used up counts, be it for one operation or for all."""
    emulator.faults.add("*", error="InternalFailure", message="first")
    emulator.faults.add("ListAutoMLJobs", error="MyOwnException", message="second", status=418, times=None)
    assert_error(raw.post("ListAutoMLJobs", {}), "InternalFailure", "first", 500)
    for _ in range(3):
        assert_error(raw.post("ListAutoMLJobs", {}), "MyOwnException", "second", 418)
    emulator.faults.clear()
    assert raw.post("ListAutoMLJobs", {}).status_code == 200


@pytest.mark.parametrize("status", [400, 418, 419, 430, 499, 506, 520, 529, 599])
def test_fault_may_have_any_status_of_an_error(emulator: RunningEmulator, raw: Server, status: int) -> None:
    """Statuses that proxies use and no standard names are answered as they were given, by each service."""
    make_endpoint(raw, "endpoint")
    for operation in ("ListAutoMLJobs", "S3", "InvokeEndpoint"):
        emulator.faults.add(operation, error="MyOwnException", message="mine", status=status)
    assert_error(raw.post("ListAutoMLJobs", {}), "MyOwnException", "mine", status)
    runtime = raw.client("sagemaker-runtime")
    for call in (raw.client("s3").list_buckets, partial(runtime.invoke_endpoint, EndpointName="endpoint", Body=b"")):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_connection_is_closed_without_an_answer(emulator: RunningEmulator, raw: Server) -> None:
    """ConnectionClosed leaves the caller without a byte."""
    emulator.faults.drop("ListAutoMLJobs")
    with pytest.raises(requests.ConnectionError):
        raw.post("ListAutoMLJobs", {})
    assert raw.post("ListAutoMLJobs", {}).status_code == 200


def test_delayed_call_takes_its_time_and_is_answered(emulator: RunningEmulator, raw: Server) -> None:
    """A delay alone changes nothing but the time."""
    emulator.faults.delay("ListAutoMLJobs", 0.3)
    began = time.monotonic()
    assert raw.post("ListAutoMLJobs", {}).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_fault_of_s3_is_told_as_s3_tells(emulator: RunningEmulator, raw: Server) -> None:
    """A fault for S3 is an error that boto3's S3 client reads; workers' own transfers are spared."""
    emulator.faults.add("S3", error="SlowDown")
    with pytest.raises(ClientError) as caught:
        raw.client("s3").list_buckets()
    assert caught.value.response["Error"]["Code"] == "SlowDown"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert raw.client("s3").list_buckets()["Buckets"]


def test_fault_of_an_invocation_is_told_as_the_runtime_tells(emulator: RunningEmulator, raw: Server) -> None:
    """InvokeEndpoint too can be throttled, in the form of its own service."""
    make_endpoint(raw, "endpoint")
    emulator.faults.throttle("InvokeEndpoint")
    runtime = raw.client("sagemaker-runtime")
    with pytest.raises(ClientError, match=r"ThrottlingException.*Rate exceeded"):
        runtime.invoke_endpoint(EndpointName="endpoint", Body=b"prompt")
    assert runtime.invoke_endpoint(EndpointName="endpoint", Body=b"prompt")["Body"].read().endswith(b"prompt")


@pytest.mark.parametrize(("given", "status"), [({}, 500), ({"status": 429}, 429)])
@pytest.mark.parametrize("operation", ["invoke_endpoint", "invoke_endpoint_with_response_stream"])
def test_commanded_model_error_is_whole(
    emulator: RunningEmulator, raw: Server, operation: str, given: dict[str, int], status: int
) -> None:
    """A commanded ModelError has HTTP status 424 and all members; its words and status are the container's."""
    emulator.faults.add("*", error="ModelError", message="CUDA out of memory", **given)
    with pytest.raises(ClientError) as caught:
        getattr(raw.client("sagemaker-runtime"), operation)(EndpointName="endpoint", Body=b"prompt")
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("ModelError", 424)
    assert (answer["OriginalStatusCode"], answer["OriginalMessage"]) == (status, "CUDA out of memory")
    assert answer["LogStreamArn"].endswith(":log-group:/aws/sagemaker/Endpoints/endpoint")


def test_fault_is_in_the_history(emulator: RunningEmulator, raw: Server) -> None:
    """The history of requests shows a call that was hit, with its code."""
    emulator.faults.throttle("CreateAutoMLJobV2")
    raw.post("CreateAutoMLJobV2", text_generation("done-1"))
    assert b"ThrottlingException" in requests.get(f"{raw.url}/_emulator/history", timeout=10).content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "'operation' is a required property"),
        ({"operation": "Fly", "error": "X"}, "'Fly' is none of the operations"),
        ({"operation": "ListAutoMLJobs"}, "a fault needs an error or delay_seconds"),
        ({"operation": "ListAutoMLJobs", "message": "x", "delay_seconds": 1}, "needs an error"),
        ({"operation": "ListAutoMLJobs", "error": "X", "times": 0}, "times: 0 is less than the minimum of 1"),
        ({"operation": "ListAutoMLJobs", "error": "X", "status": 200}, "status: 200 is less than"),
        ({"operation": "ListAutoMLJobs", "error": "X\r\nY: z"}, "error: "),
        ({"operation": "ListAutoMLJobs", "delay_seconds": 1e9}, "delay_seconds: "),
        ({"operation": "ListAutoMLJobs", "error": "X", "else": 1}, "'else' was unexpected"),
        ([], "is not of type 'object'"),
        (None, "is not of type 'object'"),
    ],
)
def test_bad_fault_is_refused_with_a_reason(raw: Server, content: Any, words: str) -> None:
    """What cannot be a fault answers 400 with one sentence, and sets nothing."""
    answer = requests.post(f"{raw.url}/_emulator/faults", json=content, timeout=10)
    if content is None:
        answer = requests.post(f"{raw.url}/_emulator/faults", data=b"null", timeout=10)
    assert answer.status_code == 400
    assert words in answer.json()["message"]
    assert requests.get(f"{raw.url}/_emulator/faults", timeout=10).json() == {"faults": []}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"operation": "S3", "delay_seconds": NaN}', b"[" * 100_000])
def test_body_that_is_no_json_is_refused(raw: Server, body: bytes) -> None:
    """Whatever is sent, the answer is 400 and never 5xx."""
    for page in ("faults", "outcomes", "seed"):
        answer = requests.post(f"{raw.url}/_emulator/{page}", data=body, timeout=10)
        assert (answer.status_code, answer.json()) == (400, {"message": "the body is no JSON"})


def test_typed_control_raises_what_the_page_refuses(emulator: RunningEmulator) -> None:
    """A mistake in a test is an exception there, with the emulator's reason."""
    with pytest.raises(ControlRefused, match="'Fly' is none of the operations"):
        emulator.faults.throttle("Fly")


def test_fault_that_comes_too_late_holds_nobody_up() -> None:
    """A delay that is set after the reading thread has taken a call on, and before it answers, is for the next call.

    Else that thread would wait, and every connection with it.
    """
    with Emulator(Settings(port=0, in_memory=True, workers=0), FreshExecutor([])) as running:
        faults, dispatcher = running._parts.control.faults, running._wsgi.task_dispatcher
        is_quick = dispatcher._is_quick

        def and_then_a_fault(target: str) -> bool:
            quick: bool = is_quick(target)
            if quick:
                faults.add({"operation": "DescribeAutoMLJobV2", "delay_seconds": 300, "times": None})
            return quick

        dispatcher._is_quick = and_then_a_fault
        server = Server(running.url)
        assert server.post("DescribeAutoMLJobV2", {"AutoMLJobName": "none"}).status_code == 400
        assert [fault["struck"] for fault in faults.listing()] == [0]
        with ThreadPoolExecutor(1) as pool:
            delayed = pool.submit(server.post, "DescribeAutoMLJobV2", {"AutoMLJobName": "none"})
            while not faults.listing()[0]["struck"]:
                time.sleep(0.01)
            assert server.post("ListAutoMLJobs", {}).status_code == 200
            faults.clear()
            assert delayed.result(10).status_code == 400


def test_control_answers_while_delayed_calls_hold_every_thread(emulator: RunningEmulator, raw: Server) -> None:
    """Whatever waits, faults can be listed and a reset is done in time, and lets go of the calls that wait."""
    emulator.faults.delay("ListAutoMLJobs", 120, times=None)
    with ThreadPoolExecutor(REQUEST_THREADS + 16) as pool:
        calls = [pool.submit(raw.post, "ListAutoMLJobs", {}) for _ in range(REQUEST_THREADS + 16)]
        while emulator.faults.list()[0]["struck"] < REQUEST_THREADS:
            time.sleep(0.05)
        began = time.monotonic()
        assert requests.get(f"{raw.url}/health", timeout=5).json()["status"] == "ok"
        emulator.reset()
        assert time.monotonic() - began < 5
        assert {call.result(20).status_code for call in calls} == {200}
