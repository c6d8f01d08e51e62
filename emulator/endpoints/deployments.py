"""What an endpoint configuration deploys: its variants with their models, weights and capacities of that moment."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from emulator.endpoints.record import DEFAULT_WEIGHT, Deployment, EndpointConfig, Model, Variant
from emulator.endpoints.store import Hosting

_WEIGHT = "DesiredWeight"
_INSTANCES = "DesiredInstanceCount"


def deployment_of(config: EndpointConfig, hosting: Hosting, now: float) -> Deployment:
    """The deployment of a configuration. Raises ValidationException for a model that is no more."""
    variants, shadows = (
        tuple(
            _variant(request, hosting.models.get(config.region, request["ModelName"]))
            for request in config.request.get(member, ())
        )
        for member in ("ProductionVariants", "ShadowProductionVariants")
    )
    return Deployment(config.name, config.request, variants, now, shadows)


def retaining(new: Deployment, old: Deployment | None, overridden: Iterable[str]) -> Deployment:
    """The new deployment with the old one's weights and instance counts, but for the properties that are overridden.

    This is RetainAllVariantProperties, and ExcludeRetainedVariantProperties.
    """
    kept = {_WEIGHT, _INSTANCES} - set(overridden)
    before = {variant.name: variant for variant in old.variants} if old else {}
    variants = (
        _retained(variant, before[variant.name], kept) if variant.name in before else variant
        for variant in new.variants
    )
    return replace(new, variants=tuple(variants))


def _variant(request: Mapping[str, Any], model: Model) -> Variant:
    weight = request.get("InitialVariantWeight", DEFAULT_WEIGHT)
    instances = None if "ServerlessConfig" in request else request.get("InitialInstanceCount")
    return Variant(request["VariantName"], model.to_serve(), weight, weight, instances, instances, request)


def _retained(variant: Variant, before: Variant, kept: set[str]) -> Variant:
    if _WEIGHT in kept:
        variant = replace(variant, weight=before.weight, desired_weight=before.desired_weight)
    if _INSTANCES in kept and variant.instances is not None and before.instances is not None:
        variant = replace(variant, instances=before.instances, desired_instances=before.desired_instances)
    return variant
