"""Models, endpoint configurations and endpoints to start from."""

import time
from typing import Any

from tests.support.requests import BUCKET, ROLE
from tests.support.server import Server

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:1"
ARTIFACT = f"s3://{BUCKET}/input/facts.csv"
"""An object that is there; the stub servers do not look into it."""


def model(name: str) -> dict[str, Any]:
    """The least CreateModel request with an artifact."""
    container = {"Image": IMAGE, "ModelDataUrl": ARTIFACT, "Environment": {"KEY": "value"}}
    return {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": ROLE}


def variant(model_name: str, name: str = "AllTraffic", **members: Any) -> dict[str, Any]:
    """A production variant on one instance of the type that the guide recommends."""
    capacity = {"InitialInstanceCount": 1, "InstanceType": "ml.g5.12xlarge"}
    return {"VariantName": name, "ModelName": model_name} | capacity | members


def config(name: str, *variants: dict[str, Any]) -> dict[str, Any]:
    """A CreateEndpointConfig request."""
    return {"EndpointConfigName": name, "ProductionVariants": list(variants)}


def make_config(server: Server, name: str, *models: str) -> str:
    """Make models and a configuration with a variant for each, the first called AllTraffic; returns its name."""
    sagemaker = server.client("sagemaker")
    variants = []
    for number, model_name in enumerate(models):
        sagemaker.create_model(**model(model_name))
        variants.append(variant(model_name, f"Variant{number}" if number else "AllTraffic"))
    sagemaker.create_endpoint_config(**config(name, *variants))
    return name


def make_endpoint(server: Server, name: str, *models: str, wait: str = "InService") -> dict[str, Any]:
    """Make models, a configuration and an endpoint of the same name; returns its description in that status."""
    make_config(server, name, *(models or (f"{name}-model",)))
    server.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=name)
    return wait_for(server, name, wait)


def wait_for(server: Server, name: str, *statuses: str) -> dict[str, Any]:
    """The description of an endpoint as soon as it has one of these statuses."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        endpoint: dict[str, Any] = server.client("sagemaker").describe_endpoint(EndpointName=name)
        if endpoint["EndpointStatus"] in statuses:
            return endpoint
        time.sleep(0.01)
    raise AssertionError(f"{name} is still {endpoint['EndpointStatus']}")
