"""Deployments that a test has commanded to fail."""

from emulator import errors
from emulator.control.outcomes import Outcome
from emulator.jobs.deployment import Deploy
from emulator.jobs.record import AutoMLJob, Candidate


class CommandedDeployer:
    """Satisfies jobs.deployment.Deploy: it hands on what is not to fail."""

    def __init__(self, deploy: Deploy) -> None:
        self._deploy = deploy

    def __call__(self, job: AutoMLJob, candidate: Candidate) -> str:
        """The name of the endpoint, once it is in service. Raises EndpointFailure, and what `deploy` raises."""
        outcome = Outcome.of(job.outcome) if job.outcome else Outcome()
        if outcome.end == "deploy-fail":
            raise errors.commanded_deployment_failure(outcome.reason)
        return self._deploy(job, candidate)
