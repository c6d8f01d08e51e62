"""ListEndpointConfigs: filters, order and pages."""

import pytest

from tests.support.hosting import config, model, variant
from tests.support.lists import NAMES, Listed
from tests.support.schemas import check_response
from tests.support.server import Server

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/sa-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0"


def make(server: Server, name: str) -> None:
    """One configuration."""
    server.client("sagemaker").create_endpoint_config(**config(name, variant("listed")))


@pytest.fixture(scope="module", name="listed")
def _listed(own_server: Server) -> Listed:
    """The operation in a region of its own."""
    region = Server(own_server.url, "sa-east-1")
    region.client("sagemaker").create_model(**model("listed"))
    for name in NAMES:
        make(region, name)
    return Listed(region, "ListEndpointConfigs", "EndpointConfigs", "EndpointConfigName")


def test_the_order_is_by_creation(listed: Listed) -> None:
    """SortBy is CreationTime and SortOrder Descending by default."""
    listed.check_order()


def test_the_filters_hold(listed: Listed) -> None:
    """NameContains, CreationTimeAfter (which includes the time) and CreationTimeBefore."""
    sagemaker = listed.server.client("sagemaker")
    listed.check_filters(
        {name: sagemaker.describe_endpoint_config(EndpointConfigName=name)["CreationTime"] for name in NAMES}
    )


def test_pages_are_the_whole_list_in_parts(listed: Listed) -> None:
    """A token continues where the page before ended."""
    listed.check_pages()


def test_a_page_has_ten_by_default(listed: Listed) -> None:
    """MaxResults is 10 where a request says nothing (documented for ListEndpoints)."""
    Server(listed.server.url, "eu-south-2").client("sagemaker").create_model(**model("listed"))
    listed.check_default_size("eu-south-2", make)


def test_a_summary_shows_what_describe_shows(listed: Listed) -> None:
    """Each member of a summary is one of the description."""
    answer = listed.server.post("ListEndpointConfigs", {}, Authorization=SIGNED).json()
    check_response("ListEndpointConfigs", answer)
    summary = answer["EndpointConfigs"][0]
    described = listed.server.post(
        "DescribeEndpointConfig", {"EndpointConfigName": NAMES[-1]}, Authorization=SIGNED
    ).json()
    assert summary == {member: described[member] for member in summary}
