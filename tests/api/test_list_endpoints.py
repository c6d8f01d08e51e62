"""ListEndpoints: filters, order and pages."""

import pytest

from tests.support.hosting import make_config, wait_for
from tests.support.lists import NAMES, Listed
from tests.support.schemas import check_response
from tests.support.server import Server

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/ca-central-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0"
)


def make(server: Server, name: str) -> None:
    """One endpoint in service."""
    server.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName="listed")
    wait_for(server, name, "InService")


@pytest.fixture(scope="module", name="listed")
def _listed(own_server: Server) -> Listed:
    """The operation in a region of its own."""
    region = Server(own_server.url, "ca-central-1")
    make_config(region, "listed", "listed")
    for name in NAMES:
        make(region, name)
    return Listed(region, "ListEndpoints", "Endpoints", "EndpointName")


def test_the_order_is_by_creation(listed: Listed) -> None:
    """SortBy is CreationTime and SortOrder Descending by default."""
    listed.check_order()


def test_the_filters_hold(listed: Listed) -> None:
    """NameContains, CreationTimeAfter (which includes the time) and CreationTimeBefore."""
    sagemaker = listed.server.client("sagemaker")
    listed.check_filters({name: sagemaker.describe_endpoint(EndpointName=name)["CreationTime"] for name in NAMES})


def test_pages_are_the_whole_list_in_parts(listed: Listed) -> None:
    """A token continues where the page before ended."""
    listed.check_pages()


def test_a_page_has_ten_by_default(listed: Listed) -> None:
    """MaxResults is 10 where a request says nothing (documented for ListEndpoints)."""
    make_config(Server(listed.server.url, "ap-south-1"), "listed", "listed")
    listed.check_default_size("ap-south-1", make)


def test_endpoints_are_filtered_by_status_and_change(listed: Listed) -> None:
    """StatusEquals and LastModifiedTimeAfter hold, and SortBy knows Status."""
    sagemaker = listed.server.client("sagemaker")
    make_config(listed.server, "listed-fails", "fail-listed")
    sagemaker.create_endpoint(EndpointName="x-failed", EndpointConfigName="listed-fails")
    failed = wait_for(listed.server, "x-failed", "Failed")
    try:
        assert listed.names(StatusEquals="Failed") == ["x-failed"]
        assert listed.names(StatusEquals="Creating") == []
        assert listed.names(SortBy="Status", SortOrder="Ascending")[0] == "x-failed"
        assert listed.names(LastModifiedTimeAfter=failed["LastModifiedTime"]) == []
        assert len(listed.names(LastModifiedTimeBefore=failed["LastModifiedTime"])) == len(NAMES)
    finally:
        sagemaker.delete_endpoint(EndpointName="x-failed")
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="x-failed", WaiterConfig={"Delay": 0})


def test_a_summary_shows_what_describe_shows(listed: Listed) -> None:
    """Each member of a summary is one of the description."""
    answer = listed.server.post("ListEndpoints", {}, Authorization=SIGNED).json()
    check_response("ListEndpoints", answer)
    summary = answer["Endpoints"][0]
    described = listed.server.post("DescribeEndpoint", {"EndpointName": NAMES[-1]}, Authorization=SIGNED).json()
    assert summary == {member: described[member] for member in summary}
