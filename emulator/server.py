"""The WSGI front: our operations, our pages, and moto for all the rest, on one port."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from io import BytesIO
from typing import Any

import flask
from waitress.channel import ClientDisconnected
from werkzeug.exceptions import HTTPException

from emulator import __version__, errors, protocol
from emulator.access.worker_files import WorkerFiles
from emulator.calls import WSGI, Calls
from emulator.control.faults import S3, ConnectionDropped
from emulator.control.pages import MOTO_RESET, make_control_pages
from emulator.credential_scope import DEFAULT_REGION, credential_of, region_of, service_of
from emulator.invocations import Invocations, is_invocation
from emulator.local_aws.aws import LocalAws
from emulator.operations import OPERATIONS
from emulator.refusals import S3_SERVICES, refuse
from emulator.services import Services

LARGEST_PAGE_REQUEST = 1_000_000
MOST_DIGITS = 18
"""Of a place in a log: no file is longer, and Python makes no number of some thousand digits."""
TAG_OPERATIONS = frozenset({"AddTags", "ListTags", "DeleteTags"})

_ABOUT_A_RESOURCE = TAG_OPERATIONS | {"DescribeTrainingJob"}
"""Operations that are ours for what we made, and moto's for what moto made."""

_NAMED = re.compile(rb'"(?:ResourceArn|(?P<job>TrainingJobName))"\s*:\s*"(?P<name>[^"\\]+)"')


class Front:
    """Routes each HTTP request, by its target first, then by its path."""

    def __init__(self, services: Services, aws: LocalAws, worker_files: WorkerFiles) -> None:
        self._calls = Calls(services)
        self.is_quick = self._calls.is_quick
        self._faults = services.control.faults
        self._invocations = Invocations(services.settings, services.keeper.target, services.gate, self._faults.strike)
        self._pages = make_pages(services)
        self._aws = aws
        self._gate = services.gate
        self._worker_files = worker_files

    def __call__(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Answer one request."""
        refusal = self._gate.refusal_of_page(environ) or self._worker_files.refusal(environ)
        application = refusal or self._application_for(environ)
        answer: Iterable[bytes] = application(environ, start_response)
        return answer

    def _application_for(self, environ: WSGI) -> WSGI:
        """Who answers: calls judge signatures themselves, in AWS's order; for all the rest the gate does first."""
        application: WSGI = self._s3_of_users if self._is_s3_of_users(environ) else self._aws
        if self._is_call(environ):
            application = self._calls
        elif is_invocation(environ):
            application = self._invocations
        elif _is_page(environ):
            application = self._pages
        if application not in {self._calls, self._invocations} and not _is_health(environ):
            application = self._gate.refusal(environ) or application
        return application

    def _is_call(self, environ: WSGI) -> bool:
        """Whether a request is ours to answer, or to refuse, as a call of the SageMaker API.

        Whatever is signed for SageMaker and names no operation in the service's form is: moto would tell the service by
        the signature and the operation by what follows the first dot. SageMaker's other operations are moto's.
        """
        target = environ.get("HTTP_X_AMZ_TARGET")
        for_sagemaker = "/sagemaker/" in credential_of(environ).lower()
        if target is None:
            to_service = for_sagemaker or protocol.is_json_1_1(environ.get("CONTENT_TYPE", ""))
            return to_service and environ.get("PATH_INFO", "/") == "/"
        if not target.startswith(protocol.TARGET_PREFIX):
            return for_sagemaker or target.lower().startswith("sagemaker")
        operation = target.removeprefix(protocol.TARGET_PREFIX)
        if operation in _ABOUT_A_RESOURCE:
            return not self._about_one_of_motos(environ)
        return operation in OPERATIONS

    def _about_one_of_motos(self, environ: WSGI) -> bool:
        """Whether the resource that a request names was made by one of moto's operations, as training jobs can be."""
        named = _NAMED.search(_body(environ))
        if named is None:
            return False
        name = named["name"].decode(errors="replace")
        return self._aws.has_sagemaker_resource(region_of(environ), f":training-job/{name}" if named["job"] else name)

    def _is_s3_of_users(self, environ: WSGI) -> bool:
        """Whether a request is for S3 and not from a process of ours."""
        return service_of(environ) == "s3" and self._worker_files.key.id not in environ.get("HTTP_AUTHORIZATION", "")

    def _s3_of_users(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """S3, unless a fault is set for it."""
        try:
            self._faults.strike(S3)
        except errors.ApiError as error:
            return refuse(environ, error)(environ, start_response)
        except ConnectionDropped:
            raise ClientDisconnected from None
        answer: Iterable[bytes] = self._aws(environ, start_response)
        return answer


def make_pages(services: Services) -> flask.Flask:
    """The Flask application of our pages."""
    app = flask.Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_PAGE_REQUEST
    app.register_blueprint(make_control_pages(services.control))

    @app.get("/_emulator/jobs/<path:name>")  # an ARN, say, is a name that no job has
    def progress(name: str) -> dict[str, Any] | tuple[dict[str, str], int]:
        """Where a job stands, in more detail than the API shows."""
        try:
            job = services.store.get(flask.request.args.get("region", DEFAULT_REGION), name)
        except errors.ApiError as error:
            return {"message": str(error.message)}, 404
        progress = services.store.progress_of(job)
        return {
            "status": job.status,
            "secondary_status": job.secondary_status,
            "progress": None if progress is None else asdict(progress),
            "artifacts": {} if job.candidate is None else dict(job.candidate.artifacts),
            "outcome": job.outcome,
            "walk": [[status, round(entered - job.created, 3)] for status, entered in job.walk],
        }

    @app.get("/_emulator/history")
    def history() -> dict[str, Any]:
        """The newest calls that changed something, or tried to."""
        limit = flask.request.args.get("limit", default=100, type=int)
        return {"history": [asdict(change) for change in services.history.newest(limit)]}

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {
            "status": "ok",
            "version": __version__,
            "device": services.executor.device() or services.settings.device,
            "workers": services.runner.workers,
            "jobs": services.store.count_by_status(),
        }

    _add_log_page(app, services)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[dict[str, str], int]:
        return {"message": error.description or error.name}, error.code or 400

    return app


def _add_log_page(app: flask.Flask, services: Services) -> None:
    @app.get("/_emulator/jobs/<path:name>/log")
    def log(name: str) -> dict[str, Any] | tuple[dict[str, str], int]:
        """The training log of a job from a byte on, while it runs and after its end."""
        offset = flask.request.args.get("offset", "0")
        try:
            job = services.store.get(flask.request.args.get("region", DEFAULT_REGION), name)
            known = offset.isdecimal() and len(offset) <= MOST_DIGITS
            return asdict(services.runner.read_log(job, int(offset) if known else 0))
        except errors.ApiError as error:
            return {"message": str(error.message)}, 404
        except errors.JobFailure as failure:
            return {"message": str(failure)}, 404


def _is_page(environ: WSGI) -> bool:
    """What is signed for S3 is S3's, whatever its path: a bucket may be called health."""
    path = environ.get("PATH_INFO", "/")
    of_control = path.startswith("/_emulator/") or (path == MOTO_RESET and environ["REQUEST_METHOD"] == "POST")
    return _is_health(environ) or (of_control and service_of(environ) not in S3_SERVICES)


def _is_health(environ: WSGI) -> bool:
    """The one page that is open to everybody: it tells whether the server lives, and nothing of any job."""
    return environ.get("PATH_INFO", "/") == "/health" and "HTTP_AUTHORIZATION" not in environ


def _body(environ: WSGI) -> bytes:
    """The body of a request, left in place for whoever answers it."""
    body: bytes = environ["wsgi.input"].read(protocol.LARGEST_BODY + 1)
    environ["wsgi.input"] = BytesIO(body)
    return body
