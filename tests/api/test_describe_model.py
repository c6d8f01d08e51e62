"""DescribeModel."""

from tests.support.hosting import model
from tests.support.schemas import check_response
from tests.support.server import Server


def test_the_request_comes_back(own_server: Server) -> None:
    """The model is shown as it was made, with the documented defaults, whatever the case of the name asked for."""
    request = model("describe-model")
    own_server.client("sagemaker").create_model(**request)
    answer = own_server.post("DescribeModel", {"ModelName": "DESCRIBE-model"}).json()
    check_response("DescribeModel", answer)
    assert isinstance(answer.pop("CreationTime"), float)
    assert answer.pop("ModelArn").endswith(":model/describe-model")
    container = request["PrimaryContainer"] | {"Mode": "SingleModel"}
    assert answer == request | {"PrimaryContainer": container, "EnableNetworkIsolation": False}


def test_nothing_is_shown_empty(own_server: Server) -> None:
    """Empty structures and lists of a request are left out: pydantic clients stumble over them."""
    sagemaker = own_server.client("sagemaker")
    request = model("describe-empty")
    request["PrimaryContainer"] |= {"Environment": {}, "MultiModelConfig": {}}
    sagemaker.create_model(**request, Containers=[], Tags=[])
    answer = own_server.post("DescribeModel", {"ModelName": "describe-empty"}).json()
    assert answer.keys().isdisjoint({"Containers", "VpcConfig"})
    assert answer["PrimaryContainer"].keys().isdisjoint({"Environment", "MultiModelConfig"})
