"""Every golden case: faulty requests and their whole answers, and odd requests that are valid."""

import inspect
import re
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from emulator.error_list import words
from emulator.errors import CATALOGUE, ApiError
from tests.support.golden import Case, Fault, accepted, assert_told, by_name, faults, filled, requests_by_name
from tests.support.schemas import check_response
from tests.support.server import Server

FAULTS = faults()
BEFORE_ANY_OPERATION = {
    "emulator.errors.access",
    "emulator.errors.control",
    "emulator.errors.s3",
    "emulator.errors.storage",
    "emulator.errors.wire",
    "emulator.errors.signatures",
    "emulator.errors.runtime",
    "emulator.errors.invocations",
}
"""What tests/api/test_wire*.py and tests/control look after, and for the runtime tests/endpoints and tests/serving."""


@pytest.fixture(name="case_names")
def _case_names(request: pytest.FixtureRequest, server: Server, names: dict[str, str]) -> dict[str, str]:
    """The names that a case leaves open; those of a job only for a case that needs one."""
    (case,) = request.node.callspec.params.values()
    if (case.changes_job or case.needs_hosting) and server.foreign:
        pytest.skip("only against a server of our own")
    needed = [fixture for needs, fixture in ((case.needs_job, "ended_job"), (case.needs_hosting, "hosted")) if needs]
    for fixture in needed:
        names = names | request.getfixturevalue(fixture)
    return names


@pytest.mark.parametrize("fault", by_name([fault for fault in FAULTS if fault.via == "boto3"]))
def test_a_faulty_request_through_boto3(fault: Fault, server: Server, case_names: dict[str, str]) -> None:
    """A user of boto3 meets the code, the status and the words of the golden case."""
    request = filled(fault.body(), case_names)
    with pytest.raises(ClientError) as caught:
        send(server, fault.operation, request)
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (fault.code, fault.status)
    assert_told(fault, response["Error"]["Message"], case_names)
    assert_nothing_made(server, fault)


@pytest.mark.parametrize("fault", by_name(FAULTS))
def test_a_faulty_request_over_http(fault: Fault, server: Server, case_names: dict[str, str]) -> None:
    """On the wire the same fault has the same code, status and words."""
    if server.foreign and fault.via == "boto3":
        pytest.skip("sent through boto3 already")
    request = fault.raw.encode() if fault.raw is not None else filled(fault.body(), case_names)
    response = server.post(fault.operation, request)
    if response.status_code == 200:
        stop_what_should_not_be(server, request)
    body = response.json()
    assert (body["__type"].rpartition("#")[2], response.status_code) == (fault.code, fault.status)
    assert_told(fault, body.get("message", body.get("Message")), case_names)
    assert_nothing_made(server, fault)


def send(server: Server, operation: str, request: dict[str, Any]) -> None:
    """Call an operation that should refuse; end the job that it makes if it does not."""
    getattr(server.client("sagemaker"), xform_name(operation))(**request)
    stop_what_should_not_be(server, request)


def stop_what_should_not_be(server: Server, request: Any) -> None:
    """End a job that was made although it should not have been."""
    if isinstance(request, dict) and "RoleArn" in request:
        server.client("sagemaker").stop_auto_ml_job(AutoMLJobName=request["AutoMLJobName"])


def assert_nothing_made(server: Server, fault: Fault) -> None:
    """A refused request has left no job."""
    if fault.operation.startswith("CreateAutoML") and not fault.needs_job:
        with pytest.raises(ClientError, match="called golden"):
            server.describe("golden")


@pytest.mark.parametrize("case", by_name(accepted()))
def test_an_odd_request_is_accepted(case: Case, own_server: Server, case_names: dict[str, str]) -> None:
    """What AWS documents as valid, or does not document as wrong, is not refused."""
    request = filled(case.body(), case_names)
    if case.operation == "CreateAutoMLJobV2":
        request["AutoMLJobName"] = f"done-a{accepted().index(case)}"
    response = own_server.post(case.operation, request)
    assert response.status_code == 200, response.text
    check_response(case.operation, response.json() if response.content else None)


CREATES = [name for name, base in requests_by_name().items() if base["operation"] == "CreateAutoMLJobV2"]


@pytest.mark.parametrize("problem_type", CREATES)
def test_the_request_that_is_changed_is_valid(problem_type: str, own_server: Server, names: dict[str, str]) -> None:
    """Each request to start from is accepted, for all five problem types: the change alone makes it faulty."""
    request = filled(requests_by_name()[problem_type]["request"], names)
    request["AutoMLJobName"] = f"done-{problem_type}"
    assert own_server.post("CreateAutoMLJobV2", request).status_code == 200


def test_there_are_enough_cases_each_with_its_own_name() -> None:
    """At least 150 faulty requests, every one with a source and a date."""
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names)) >= 150
    assert all(fault.source and re.fullmatch(r"\d{4}-\d\d-\d\d", fault.date) for fault in FAULTS)


@pytest.mark.parametrize("fault", by_name(FAULTS))
def test_a_case_names_the_constructor_of_its_error(fault: Fault) -> None:
    """The code, the status and the words of a case are those of the constructor that it names."""
    error = words(CATALOGUE[fault.error])
    assert isinstance(error, ApiError)
    assert (error.code, error.status) == (fault.code, fault.status)
    if fault.message is None or error.message is None:
        assert fault.violations or fault.message == error.message
    else:
        form = "".join(
            ".*" if part.startswith("<") else re.escape(part) for part in re.split("(<[a-z_0-9]+>)", error.message)
        )
        assert re.fullmatch(form, fault.message)


def test_every_error_has_a_case() -> None:
    """No error is without a faulty request that meets it; those before any operation have tests of their own."""
    made = {
        name
        for name, entry in CATALOGUE.items()
        if inspect.signature(entry.make).return_annotation is ApiError
        and entry.make.__module__ not in BEFORE_ANY_OPERATION
    }
    assert made <= {fault.error for fault in FAULTS}
