"""Records to the dictionaries that the API answers. Absent members are left out, never null or empty."""

from collections.abc import Mapping
from typing import Any

from emulator.endpoints.record import (
    DEFAULT_WEIGHT,
    Deployment,
    Endpoint,
    EndpointConfig,
    EndpointStatus,
    Model,
    Variant,
)

_OF_CONFIG = ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig", "CrossRegionTrafficConfig")
_OF_VARIANT = ("ManagedInstanceScaling", "RoutingConfig", "AcceleratorPartitionLayouts")


def describe_model(model: Model) -> dict[str, Any]:
    """DescribeModelOutput: the request, with the defaults of Mode and EnableNetworkIsolation (documented)."""
    answer: dict[str, Any] = {"ModelName": model.name, "EnableNetworkIsolation": False} | _present(model.request)
    if "PrimaryContainer" in answer:
        answer["PrimaryContainer"] = _container(answer["PrimaryContainer"])
    if "Containers" in answer:
        answer["Containers"] = [_container(container) for container in answer["Containers"]]
    return answer | {"CreationTime": model.created, "ModelArn": model.arn}


def summarize_model(model: Model) -> dict[str, Any]:
    """ModelSummary."""
    return {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created}


def describe_config(config: EndpointConfig) -> dict[str, Any]:
    """DescribeEndpointConfigOutput: the request, with the default of InitialVariantWeight (documented)."""
    answer: dict[str, Any] = {"EnableNetworkIsolation": False} | _present(config.request)
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        if member in answer:
            answer[member] = [{"InitialVariantWeight": DEFAULT_WEIGHT} | variant for variant in answer[member]]
    return summarize_config(config) | answer


def summarize_config(config: EndpointConfig) -> dict[str, Any]:
    """EndpointConfigSummary."""
    return {
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        "CreationTime": config.created,
    }


def describe_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """DescribeEndpointOutput; what is under way stands in PendingDeploymentSummary (documented)."""
    answer = summarize_endpoint(endpoint) | {"EndpointConfigName": endpoint.config_name}
    if endpoint.live is not None:
        answer["ProductionVariants"] = [_summary(variant) for variant in endpoint.live.variants]
        if endpoint.live.shadows:
            answer["ShadowProductionVariants"] = [_summary(variant) for variant in endpoint.live.shadows]
        if endpoint.live.config.get("DataCaptureConfig"):
            answer["DataCaptureConfig"] = _capture(endpoint.live.config["DataCaptureConfig"])
        answer |= {member: value for member, value in endpoint.live.config.items() if member in _OF_CONFIG}
    if endpoint.pending is not None:
        answer["PendingDeploymentSummary"] = _pending(endpoint.pending)
    if endpoint.deployment_config:
        answer["LastDeploymentConfig"] = endpoint.deployment_config
    if endpoint.failure_reason is not None:
        answer["FailureReason"] = endpoint.failure_reason
    return answer


def summarize_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """EndpointSummary."""
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "EndpointStatus": endpoint.status,
    }


def _container(container: Mapping[str, Any]) -> dict[str, Any]:
    return {"Mode": "SingleModel"} | _present(container)


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say something: moto's empty structures are what pydantic clients stumble over."""
    return {member: value for member, value in members.items() if value not in ({}, [])}


def _summary(variant: Variant) -> dict[str, Any]:
    """ProductionVariantSummary. There is no image with a digest here, so none is told."""
    serverless = variant.request.get("ServerlessConfig")
    members = {
        "VariantName": variant.name,
        "DeployedImages": [{"SpecifiedImage": variant.model.image}],
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": variant.instances,
        "DesiredInstanceCount": variant.desired_instances,
        "CurrentServerlessConfig": serverless,
    }
    members |= {member: variant.request.get(member) for member in _OF_VARIANT}
    return {member: value for member, value in members.items() if value is not None}


def _capture(config: Mapping[str, Any]) -> dict[str, Any]:
    """DataCaptureConfigSummary, all members of which are required; capture is enabled by default (documented)."""
    enabled = config.get("EnableCapture", True)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }


def _pending(deployment: Deployment) -> dict[str, Any]:
    members = {
        "EndpointConfigName": deployment.config_name,
        "ProductionVariants": [_pending_summary(variant, deployment.started) for variant in deployment.variants],
        "StartTime": deployment.started,
    }
    if deployment.shadows:
        shadows = [_pending_summary(variant, deployment.started) for variant in deployment.shadows]
        members["ShadowProductionVariants"] = shadows
    return members


def _pending_summary(variant: Variant, started: float) -> dict[str, Any]:
    """PendingProductionVariantSummary: nothing runs yet, so there are no current values."""
    members = {
        "VariantName": variant.name,
        "DeployedImages": [{"SpecifiedImage": variant.model.image}],
        "DesiredWeight": variant.desired_weight,
        "DesiredInstanceCount": variant.desired_instances,
        "InstanceType": variant.request.get("InstanceType"),
        "DesiredServerlessConfig": variant.request.get("ServerlessConfig"),
        "VariantStatus": [{"Status": EndpointStatus.CREATING, "StartTime": started}],
    }
    members |= {member: variant.request.get(member) for member in _OF_VARIANT}
    return {member: value for member, value in members.items() if value is not None}
