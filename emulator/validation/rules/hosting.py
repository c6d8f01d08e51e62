"""The rules of CreateModel, CreateEndpointConfig and their siblings across members, and against S3."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator import errors
from emulator.s3.layout import parse_s3_uri
from emulator.validation.rules.access import names_a_role
from emulator.validation.rules.s3 import ObjectIndex
from emulator.validation.rules.tags import check_tag_keys

_MEMORY_STEP = 1024
_CAPACITIES = ("InstanceType", "InstancePools", "ServerlessConfig")


def check_model(request: Mapping[str, Any], objects: ObjectIndex) -> None:
    """One way to name containers, each with an image and an artifact that is there. Raises ValidationException."""
    containers = request.get("Containers") or []
    if "PrimaryContainer" in request:
        if containers:
            raise errors.two_kinds_of_containers()
        containers = [request["PrimaryContainer"]]
    if not containers:
        raise errors.no_container()
    for container in containers:
        _check_container(container)
    _check_hostnames(containers)
    check_tag_keys(request.get("Tags", ()))
    if "ExecutionRoleArn" in request and not names_a_role(request["ExecutionRoleArn"]):
        raise errors.execution_role_invalid(request["ExecutionRoleArn"])
    for container in containers:
        _check_artifact(container, objects)


def check_endpoint_config(request: Mapping[str, Any]) -> None:
    """Each variant has its own name, a model and one kind of capacity. Raises ValidationException."""
    variants, shadows = request["ProductionVariants"], request.get("ShadowProductionVariants") or []
    check_variant_names([*variants, *shadows])
    for variant in (*variants, *shadows):
        _check_variant(variant)
    if shadows and (len(variants), len(shadows)) != (1, 1):
        raise errors.too_many_shadowed_variants()
    check_tag_keys(request.get("Tags", ()))


def check_variant_names(variants: Iterable[Mapping[str, Any]]) -> None:
    """No variant is named twice. Raises ValidationException."""
    for name, count in Counter(variant["VariantName"] for variant in variants).items():
        if count > 1:
            raise errors.repeated_variant(name)


def _check_container(container: Mapping[str, Any]) -> None:
    if ("Image" in container) == ("ModelPackageName" in container):
        raise errors.image_or_model_package()
    if "ModelPackageName" in container:
        raise errors.model_package_not_served(container["ModelPackageName"])
    if "ModelDataUrl" in container and "S3DataSource" in container.get("ModelDataSource", {}):
        raise errors.two_sources_of_model_data()


def _check_hostnames(containers: Sequence[Mapping[str, Any]]) -> None:
    """Containers that stand together are told apart by their host names: all of them, or none, have one."""
    names = [container["ContainerHostname"] for container in containers if "ContainerHostname" in container]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise errors.repeated_container_hostname(repeated[0])
    if names and len(names) < len(containers):
        raise errors.container_without_hostname()


def _check_artifact(container: Mapping[str, Any], objects: ObjectIndex) -> None:
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = container.get("ModelDataUrl", source.get("S3Uri"))
    if uri is None:
        return
    found = objects.any_under if source.get("S3DataType") == "S3Prefix" else objects.has
    try:
        location = parse_s3_uri(uri)
    except ValueError:  # a URL of S3 that names no bucket of it
        raise errors.model_data_not_found(uri) from None
    if not found(location):
        raise errors.model_data_not_found(uri)


def _check_variant(variant: Mapping[str, Any]) -> None:
    name = variant["VariantName"]
    if "ModelName" not in variant:
        raise errors.variant_without_model(name)
    if sum(capacity in variant for capacity in _CAPACITIES) != 1:
        raise errors.no_capacity(name)
    if "InstanceType" in variant and "InitialInstanceCount" not in variant:
        raise errors.no_instance_count(name)
    if "ServerlessConfig" in variant:
        _check_serverless(name, variant["ServerlessConfig"])


def _check_serverless(variant: str, config: Mapping[str, Any]) -> None:
    if config["MemorySizeInMB"] % _MEMORY_STEP:
        raise errors.serverless_memory_between(variant, config["MemorySizeInMB"])
    if config.get("ProvisionedConcurrency", 0) > config["MaxConcurrency"]:
        raise errors.provisioned_over_maximum(variant)
