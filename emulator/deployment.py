"""ModelDeployConfig: the best candidate of a job becomes a model, an endpoint configuration and an endpoint."""

from collections.abc import Callable

from emulator import errors
from emulator.endpoints.deployments import deployment_of
from emulator.endpoints.keeper import EndpointKeeper
from emulator.endpoints.record import Endpoint, EndpointConfig, EndpointStatus, Model
from emulator.endpoints.store import Hosting
from emulator.jobs.record import AutoMLJob, Candidate

INSTANCE_TYPE = "ml.g5.12xlarge"
"""What the developer guide recommends for fine-tuned models (autopilot-llms-finetuning-deploy-models)."""

LONGEST_SECONDS = 3600
"""Of the download and of the health check, from the same page."""


class Deployer:
    """Deploys candidates.

    All names but a given EndpointName are the candidate's (inferred), so that a deployment that was cut off is found
    again.
    """

    def __init__(self, hosting: Hosting, keeper: EndpointKeeper, clock: Callable[[], float]) -> None:
        self._hosting = hosting
        self._keeper = keeper
        self._clock = clock

    def __call__(self, job: AutoMLJob, candidate: Candidate) -> str:
        """The name of the endpoint, once it is in service. Raises EndpointFailure where it never will be.

        Raises ServerEnding where the emulator ends first: the same call goes on when it has started again.
        """
        name: str = job.request["ModelDeployConfig"].get("EndpointName", candidate.name)
        try:
            endpoint = self._hosting.endpoints.get(job.region, name)
        except errors.ApiError:
            endpoint = self._create(job, candidate, name)
        if endpoint.config_name != candidate.name:
            raise errors.endpoint_name_taken(name)
        try:
            endpoint = self._keeper.settled(job.region, name)
        except errors.ApiError as deleted:
            raise errors.EndpointFailure(str(deleted.message)) from None
        if endpoint.status is not EndpointStatus.IN_SERVICE:
            raise errors.EndpointFailure(endpoint.failure_reason)
        return name

    def _create(self, job: AutoMLJob, candidate: Candidate, name: str) -> Endpoint:
        container = {
            "Image": candidate.image,
            "ModelDataUrl": candidate.artifacts["model.tar.gz"],
            "Environment": dict(candidate.environment),
        }
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": candidate.name,
            "InitialInstanceCount": 1,
            "InstanceType": INSTANCE_TYPE,
            "InitialVariantWeight": 1.0,
            "ModelDataDownloadTimeoutInSeconds": LONGEST_SECONDS,
            "ContainerStartupHealthCheckTimeoutInSeconds": LONGEST_SECONDS,
        }
        now = self._clock()
        made = (job.region, job.account, candidate.name)
        model = Model(*made, {"PrimaryContainer": container, "ExecutionRoleArn": job.request["RoleArn"]}, now)
        config = EndpointConfig(*made, {"ProductionVariants": [variant]}, now)
        try:
            self._hosting.models.ensure(model)
            self._hosting.configs.ensure(config)
            pending = deployment_of(config, self._hosting, now)
            request = {"EndpointConfigName": config.name}
            endpoint = Endpoint(job.region, job.account, name, request, now, now, pending=pending)
            self._keeper.create(endpoint, {})
        except errors.ApiError as refused:
            raise errors.EndpointFailure(str(refused.message)) from None
        return endpoint
