"""DeleteTags, for AutoML jobs."""

from tests.support.requests import text_generation
from tests.support.schemas import check_response
from tests.support.server import Server


def test_tags_go_and_others_stay(own_server: Server) -> None:
    """The named keys go, one that is not there is passed over, and the answer is an empty structure."""
    tags = [{"Key": key, "Value": ""} for key in ("a", "b", "c")]
    sagemaker = own_server.client("sagemaker")
    arn = sagemaker.create_auto_ml_job_v2(**text_generation("done-delete-tags"), Tags=tags)["AutoMLJobArn"]
    response = own_server.post("DeleteTags", {"ResourceArn": arn, "TagKeys": ["a", "c", "never", "B"]})
    assert (response.status_code, response.json()) == (200, {})
    check_response("DeleteTags", response.json())
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]
