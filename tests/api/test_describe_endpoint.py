"""DescribeEndpoint."""

from tests.support.hosting import IMAGE, config, make_config, make_endpoint, model, variant, wait_for
from tests.support.schemas import check_response
from tests.support.server import Server
from tests.support.stub_servers import StubServers


def describe(server: Server, name: str) -> dict[str, object]:
    """The raw answer, checked."""
    answer: dict[str, object] = server.post("DescribeEndpoint", {"EndpointName": name}).json()
    check_response("DescribeEndpoint", answer)
    return answer


def test_an_endpoint_in_service_shows_its_variants(own_server: Server) -> None:
    """Each variant with its image, weights and instance counts, and no empty structure."""
    make_endpoint(own_server, "describe-endpoint")
    answer = describe(own_server, "describe-endpoint")
    assert answer["EndpointConfigName"] == "describe-endpoint"
    assert answer["EndpointStatus"] == "InService"
    assert answer["ProductionVariants"] == [
        {
            "VariantName": "AllTraffic",
            "DeployedImages": [{"SpecifiedImage": IMAGE}],
            "CurrentWeight": 1.0,
            "DesiredWeight": 1.0,
            "CurrentInstanceCount": 1,
            "DesiredInstanceCount": 1,
        }
    ]
    assert answer.keys().isdisjoint({"FailureReason", "PendingDeploymentSummary", "DataCaptureConfig"})


def test_an_endpoint_on_its_way_shows_what_is_pending(own_server: Server, model_servers: StubServers) -> None:
    """PendingDeploymentSummary stands there while the endpoint is created, in the place of ProductionVariants."""
    make_config(own_server, "describe-pending", "hold-describe")
    sagemaker = own_server.client("sagemaker")
    policy = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
    sagemaker.create_endpoint(
        EndpointName="describe-pending",
        EndpointConfigName="describe-pending",
        DeploymentConfig={"BlueGreenUpdatePolicy": policy},
    )
    answer = describe(own_server, "describe-pending")
    assert answer["EndpointStatus"] == "Creating"
    assert answer["LastDeploymentConfig"] == {"BlueGreenUpdatePolicy": policy}
    assert "ProductionVariants" not in answer
    pending = answer["PendingDeploymentSummary"]
    assert isinstance(pending, dict)
    assert pending["EndpointConfigName"] == "describe-pending"
    (variant,) = pending["ProductionVariants"]
    assert variant["InstanceType"] == "ml.g5.12xlarge"
    assert "CurrentInstanceCount" not in variant
    model_servers.release("describe-pending")
    wait_for(own_server, "describe-pending", "InService")
    assert "PendingDeploymentSummary" not in describe(own_server, "describe-pending")


def test_shadows_and_data_capture_are_shown(own_server: Server, model_servers: StubServers) -> None:
    """What the configuration has beside its variants is in the description, pending or live, and no process runs."""
    sagemaker, name = own_server.client("sagemaker"), "describe-shadows"
    for model_name in ("hold-shadowed", "shadow"):
        sagemaker.create_model(**model(model_name))
    capture = {
        "InitialSamplingPercentage": 30,
        "DestinationS3Uri": "s3://bucket/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    sagemaker.create_endpoint_config(
        **config(name, variant("hold-shadowed")),
        ShadowProductionVariants=[variant("shadow", "Shadow", InitialVariantWeight=0.5)],
        DataCaptureConfig=capture,
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    pending = describe(own_server, name)["PendingDeploymentSummary"]
    assert isinstance(pending, dict)
    assert [one["VariantName"] for one in pending["ShadowProductionVariants"]] == ["Shadow"]
    model_servers.release(name)
    wait_for(own_server, name, "InService")
    answer = describe(own_server, name)
    assert answer["ShadowProductionVariants"] == [
        {
            "VariantName": "Shadow",
            "DeployedImages": [{"SpecifiedImage": IMAGE}],
            "CurrentWeight": 0.5,
            "DesiredWeight": 0.5,
            "CurrentInstanceCount": 1,
            "DesiredInstanceCount": 1,
        }
    ]
    assert answer["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 30,
        "DestinationS3Uri": "s3://bucket/captured",
        "KmsKeyId": "",
    }
    assert (name, "Shadow") not in model_servers.opened


def test_a_serverless_variant_shows_its_configuration(own_server: Server) -> None:
    """A serverless variant has no instances to count."""
    sagemaker = own_server.client("sagemaker")
    make_config(own_server, "describe-other", "describe-serverless")
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    only = {"VariantName": "V", "ModelName": "describe-serverless", "ServerlessConfig": serverless}
    sagemaker.create_endpoint_config(EndpointConfigName="describe-serverless", ProductionVariants=[only])
    sagemaker.create_endpoint(EndpointName="describe-serverless", EndpointConfigName="describe-serverless")
    (variant,) = wait_for(own_server, "describe-serverless", "InService")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == serverless
    assert "CurrentInstanceCount" not in variant
