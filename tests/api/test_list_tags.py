"""ListTags, for every resource that is ours."""

from tests.support.hosting import config, model, variant
from tests.support.requests import text_generation
from tests.support.schemas import check_response
from tests.support.server import Server


def test_a_job_without_tags_has_an_empty_list(own_server: Server) -> None:
    """No tags are an empty list, not an absent one."""
    arn = own_server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-untagged"))["AutoMLJobArn"]
    answer = own_server.post("ListTags", {"ResourceArn": arn}).json()
    check_response("ListTags", answer)
    assert answer == {"Tags": []}


def test_every_resource_of_ours_has_tags(own_server: Server) -> None:
    """Models, configurations, endpoints and training jobs get, change and lose tags as jobs do."""
    sagemaker = own_server.client("sagemaker")
    tags = [{"Key": "team", "Value": "green"}]
    model_arn = sagemaker.create_model(**model("tagged"), Tags=tags)["ModelArn"]
    config_arn = sagemaker.create_endpoint_config(**config("tagged", variant("tagged")), Tags=tags)["EndpointConfigArn"]
    created = sagemaker.create_endpoint(EndpointName="tagged", EndpointConfigName="tagged", Tags=tags)
    sagemaker.create_auto_ml_job_v2(**text_generation("done-tagged-step"))
    (step,) = own_server.wait("done-tagged-step", "Completed")["BestCandidate"]["CandidateSteps"]
    assert sagemaker.list_tags(ResourceArn=step["CandidateStepArn"])["Tags"] == []
    sagemaker.add_tags(ResourceArn=step["CandidateStepArn"], Tags=tags)
    for arn in (model_arn, config_arn, created["EndpointArn"], step["CandidateStepArn"]):
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
        assert len(sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "size", "Value": "1"}])["Tags"]) == 2
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "size", "Value": "1"}]


def test_all_tags_are_on_one_page(own_server: Server) -> None:
    """A resource has at most 50 tags and a page at least as many, so there is never a NextToken."""
    tags = [{"Key": f"key{number}", "Value": str(number)} for number in range(50)]
    sagemaker = own_server.client("sagemaker")
    arn = sagemaker.create_auto_ml_job_v2(**text_generation("done-fifty-tags"), Tags=tags)["AutoMLJobArn"]
    pages = list(sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn, PaginationConfig={"PageSize": 50}))
    assert [page["Tags"] for page in pages] == [tags]
