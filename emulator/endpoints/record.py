"""What models, endpoint configurations and endpoints are: immutable records, and what an endpoint may become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar

from emulator import errors
from emulator.endpoints.serving import ModelToServe
from emulator.protocol import arn_of

DEFAULT_WEIGHT = 1.0
"""InitialVariantWeight where a production variant sets none (documented)."""


class EndpointStatus(StrEnum):
    """The values of EndpointStatus that an endpoint passes through here."""

    CREATING = "Creating"
    UPDATING = "Updating"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"


IN_PROGRESS = frozenset({EndpointStatus.CREATING, EndpointStatus.UPDATING, EndpointStatus.DELETING})
"""An endpoint in one of these takes no change."""


@dataclass(frozen=True)
class Resource:
    """What the three have in common. `request` is the request that made it, without its name and tags."""

    kind: ClassVar[str]
    """As ARNs name it."""

    region: str
    account: str
    name: str
    request: Mapping[str, Any]
    created: float

    @property
    def arn(self) -> str:
        """The ARN."""
        return arn_of(self.kind, self.region, self.account, self.name)


@dataclass(frozen=True)
class Model(Resource):
    """A model: containers that name an image and an artifact."""

    kind = "model"

    def to_serve(self) -> ModelToServe:
        """What a process needs in order to serve the primary container."""
        containers = [self.request["PrimaryContainer"]] if "PrimaryContainer" in self.request else None
        containers = containers or self.request["Containers"]
        return ModelToServe(
            model_name=self.name,
            model_data_url=artifact_of(containers[0]) or "",
            image=containers[0]["Image"],
            environment=containers[0].get("Environment", {}),
            uncompressed=_source(containers[0]).get("CompressionType") == "None",
            problem=self._problem(containers),
        )

    def _problem(self, containers: Sequence[Mapping[str, Any]]) -> str:
        if len(containers) > 1:
            return str(errors.several_containers_not_served(self.name, len(containers)))
        multi_model = containers[0].get("Mode") == "MultiModel"
        return str(errors.multi_model_not_served(self.name)) if multi_model else ""


def artifact_of(container: Mapping[str, Any]) -> str | None:
    """The URI of a container's artifact: ModelDataUrl, or the S3Uri of its ModelDataSource, a prefix with a slash."""
    source = _source(container)
    uri: str | None = container.get("ModelDataUrl", source.get("S3Uri"))
    return f"{uri.rstrip('/')}/" if uri and source.get("S3DataType") == "S3Prefix" else uri


def _source(container: Mapping[str, Any]) -> Mapping[str, Any]:
    source: Mapping[str, Any] = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return source


@dataclass(frozen=True)
class EndpointConfig(Resource):
    """An endpoint configuration: which models an endpoint serves, and on what."""

    kind = "endpoint-config"


@dataclass(frozen=True)
class Variant:
    """A production variant as it is deployed: its model as it was then, and what UpdateEndpoint... changes.

    `request` is the ProductionVariant of the configuration. A serverless one has no instances to count, whatever a
    request says of them (inferred: the service may refuse such a request, in words that are not known).
    """

    name: str
    model: ModelToServe
    weight: float
    desired_weight: float
    instances: int | None
    desired_instances: int | None
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Deployment:
    """An endpoint configuration put to work. It holds all it needs: the configuration may be deleted meanwhile."""

    config_name: str
    config: Mapping[str, Any]
    variants: tuple[Variant, ...]
    started: float
    shadows: tuple[Variant, ...] = ()
    """Shadow variants, which are shown alone: no process serves them."""


@dataclass(frozen=True)
class Endpoint(Resource):
    """An endpoint: what it serves, and what it is about to serve.

    `deployment_config` is the latest DeploymentConfig that a request gave.
    """

    kind = "endpoint"

    modified: float
    status: EndpointStatus = EndpointStatus.CREATING
    live: Deployment | None = None
    pending: Deployment | None = None
    deployment_config: Mapping[str, Any] | None = None
    failure_reason: str | None = None

    @property
    def config_name(self) -> str:
        """EndpointConfigName: of what is served, or of what shall be where nothing is yet."""
        shown = self.live or self.pending
        return shown.config_name if shown else str(self.request["EndpointConfigName"])

    def updating(self, pending: Deployment, deployment_config: Mapping[str, Any] | None, now: float) -> "Endpoint":
        """This endpoint on its way to another configuration. Raises ValidationException."""
        self._check_updatable()
        now = self._not_before(now)
        return replace(
            self,
            status=EndpointStatus.UPDATING,
            pending=replace(pending, started=now),
            deployment_config=deployment_config,
            failure_reason=None,
            modified=now,
        )

    def reweighing(self, wanted: Sequence[Mapping[str, Any]], now: float) -> "Endpoint":
        """This endpoint on its way to other weights and capacities. Raises ValidationException."""
        self._check_updatable()
        assert self.live is not None  # noqa: S101 - an endpoint that can be updated serves
        changes = {change["VariantName"]: change for change in wanted}
        known = {variant.name for variant in self.live.variants}
        unknown = [name for name in changes if name not in known]
        if unknown:
            raise errors.unknown_variants(", ".join(unknown), self.config_name)
        variants = tuple(_desired(variant, changes.get(variant.name, {})) for variant in self.live.variants)
        live = replace(self.live, variants=variants)
        return replace(
            self, status=EndpointStatus.UPDATING, live=live, failure_reason=None, modified=self._not_before(now)
        )

    def deployed(self, now: float) -> "Endpoint":
        """This endpoint in service, with what was pending, or with the weights that were desired."""
        live = self.pending or self.live
        assert live is not None  # noqa: S101 - nothing is brought into service that was not deployed
        live = replace(live, variants=tuple(map(_settled, live.variants)))
        return replace(
            self,
            status=EndpointStatus.IN_SERVICE,
            live=live,
            pending=None,
            failure_reason=None,
            modified=self._not_before(now),
        )

    def failed(self, reason: str, now: float) -> "Endpoint":
        """This endpoint after a deployment that failed: rolled back to what it served, or Failed if that was nothing.

        DescribeEndpoint tells the reason in both cases (inferred: controllers of the service read it so).
        """
        status = EndpointStatus.FAILED if self.live is None else EndpointStatus.IN_SERVICE
        return replace(
            self,
            status=status,
            pending=None,
            failure_reason=errors.shortened(reason),
            modified=self._not_before(now),
        )

    def deleting(self, now: float) -> "Endpoint":
        """This endpoint on its way out. Raises ValidationException."""
        if self.status in IN_PROGRESS:
            raise errors.endpoint_in_progress(self.arn)
        return replace(self, status=EndpointStatus.DELETING, modified=self._not_before(now))

    def _not_before(self, now: float) -> float:
        """A clock that was set back lets no endpoint be modified before it was the last time, or was created."""
        return max(now, self.modified)

    def _check_updatable(self) -> None:
        if self.status in IN_PROGRESS:
            raise errors.endpoint_in_progress(self.arn)
        if self.status is EndpointStatus.FAILED:
            raise errors.endpoint_failed(self.arn)


def _desired(variant: Variant, change: Mapping[str, Any]) -> Variant:
    request = dict(variant.request)
    if "ServerlessUpdateConfig" in change and "ServerlessConfig" in request:
        serverless = request["ServerlessConfig"] | change["ServerlessUpdateConfig"]
        if serverless.get("ProvisionedConcurrency", 0) > serverless["MaxConcurrency"]:
            raise errors.provisioned_over_maximum(variant.name)
        request["ServerlessConfig"] = serverless
    instances = None if "ServerlessConfig" in request else change.get("DesiredInstanceCount", variant.desired_instances)
    return replace(
        variant,
        desired_weight=change.get("DesiredWeight", variant.desired_weight),
        desired_instances=instances,
        request=request,
    )


def _settled(variant: Variant) -> Variant:
    return replace(variant, weight=variant.desired_weight, instances=variant.desired_instances)
