"""AddTags, for AutoML jobs."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.support.requests import text_generation
from tests.support.schemas import check_response
from tests.support.server import Server


@pytest.fixture(name="arn")
def _arn(own_server: Server) -> str:
    job = text_generation(f"done-{uuid4().hex[:20]}") | {"Tags": [{"Key": "team", "Value": "green"}]}
    arn: str = own_server.client("sagemaker").create_auto_ml_job_v2(**job)["AutoMLJobArn"]
    return arn


def test_tags_are_added_and_overwritten(own_server: Server, arn: str) -> None:
    """A known key gets the new value in its place, a new key comes last, and the answer has all tags."""
    tags = [{"Key": "size", "Value": "größe 1"}, {"Key": "team", "Value": "blue"}]
    answer = own_server.post("AddTags", {"ResourceArn": arn, "Tags": tags}).json()
    check_response("AddTags", answer)
    assert answer["Tags"] == [{"Key": "team", "Value": "blue"}, {"Key": "size", "Value": "größe 1"}]


def test_keys_differ_by_case(own_server: Server, arn: str) -> None:
    """Tag keys are case-sensitive."""
    answer = own_server.client("sagemaker").add_tags(ResourceArn=arn, Tags=[{"Key": "Team", "Value": ""}])
    assert [tag["Key"] for tag in answer["Tags"]] == ["team", "Team"]


def test_the_fifty_first_tag_is_refused_and_none_is_added(own_server: Server, arn: str) -> None:
    """A resource has at most 50 tags; a call that would make more changes nothing."""
    sagemaker = own_server.client("sagemaker")
    tags = [{"Key": f"key{number}", "Value": ""} for number in range(50)]
    with pytest.raises(ClientError, match="at most 50 tags"):
        sagemaker.add_tags(ResourceArn=arn, Tags=tags)
    assert len(sagemaker.list_tags(ResourceArn=arn)["Tags"]) == 1
    assert len(sagemaker.add_tags(ResourceArn=arn, Tags=tags[:49])["Tags"]) == 50
