"""Deployments that a test has commanded to fail, and those of candidates that were replayed without a model."""

from collections.abc import Callable

from emulator import errors
from emulator.control.outcomes import Outcome
from emulator.jobs.deployment import Deploy
from emulator.jobs.record import AutoMLJob, Candidate
from emulator.recordings.disclosure import VARIABLE
from emulator.recordings.form import MODEL
from emulator.s3.layout import S3Uri, parse_s3_uri


class CommandedDeployer:
    """Satisfies jobs.deployment.Deploy: it hands on what can succeed. `is_there` tells of an object in S3."""

    def __init__(self, deploy: Deploy, is_there: Callable[[S3Uri], bool]) -> None:
        self._deploy = deploy
        self._is_there = is_there

    def __call__(self, job: AutoMLJob, candidate: Candidate) -> str:
        """The name of the endpoint, once it is in service. Raises EndpointFailure, and what `deploy` raises."""
        outcome = Outcome.of(job.outcome) if job.outcome else Outcome()
        if outcome.end == "deploy-fail":
            raise errors.commanded_deployment_failure(outcome.reason)
        if VARIABLE in candidate.environment:
            self._check_model(candidate.environment[VARIABLE], candidate.artifacts[MODEL])
        return self._deploy(job, candidate)

    def _check_model(self, source: str, uri: str) -> None:
        try:
            is_there = self._is_there(parse_s3_uri(uri))
        except errors.ApiError as problem:
            raise errors.EndpointFailure(str(problem.message)) from problem
        if not is_there:
            raise errors.replayed_without_model(source, uri)
