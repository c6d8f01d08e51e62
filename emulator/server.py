"""The WSGI front: our operations, our pages, and moto for all the rest, on one port."""

import logging
import re
from collections.abc import Iterable
from dataclasses import asdict
from io import BytesIO
from typing import Any

import flask
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from emulator import __version__, errors, protocol
from emulator.operations import OPERATIONS, answer
from emulator.services import Services
from emulator.storage.local_s3 import WSGI, LocalAws

TAG_OPERATIONS = frozenset({"AddTags", "ListTags", "DeleteTags"})
LARGEST_BODY = 5_000_000
"""Of a call to one of our operations, in bytes."""

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_ANOTHER_RESOURCE = re.compile(rb":sagemaker:[^:\"]*:[^:\"]*:(?!automl-job/)", re.IGNORECASE)

logger = logging.getLogger(__name__)


class Front:
    """Routes each HTTP request, by its target first, then by its path."""

    def __init__(self, services: Services, aws: LocalAws) -> None:
        self._ours = make_app(services)
        self._aws = aws

    def __call__(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Answer one request."""
        application = self._ours if _is_ours(environ) else self._aws
        return application(environ, start_response)


def make_app(services: Services) -> flask.Flask:
    """The Flask application of our operations and pages."""
    app = flask.Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @app.get("/_emulator/jobs/<name>")
    def progress(name: str) -> dict[str, Any] | tuple[dict[str, str], int]:
        """Where a job stands, in more detail than the API shows."""
        try:
            job = services.store.get(flask.request.args.get("region", protocol.DEFAULT_REGION), name)
        except errors.ApiError as error:
            return {"message": str(error.message)}, 404
        progress = services.store.progress_of(job)
        return {
            "status": job.status,
            "secondary_status": job.secondary_status,
            "progress": None if progress is None else asdict(progress),
            "artifacts": {} if job.candidate is None else dict(job.candidate.artifacts),
        }

    @app.route("/", methods=METHODS)
    def operation() -> flask.Response:
        request_id = protocol.new_request_id()
        try:
            result = protocol.encode(answer(services, _call(services, request_id)), request_id)
        except errors.ApiError as error:
            result = protocol.encode_error(error, request_id)
        except Exception as defect:
            logger.exception("request %s broke", request_id)
            result = protocol.encode_error(errors.emulator_defect(repr(defect)), request_id)
        return flask.Response(result.body, result.status, result.headers)

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {
            "status": "ok",
            "version": __version__,
            "device": services.executor.device() or services.settings.device,
            "workers": services.settings.workers,
            "jobs": services.store.count_by_status(),
        }

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[dict[str, str], int]:
        return {"message": error.description or error.name}, error.code or 400

    return app


def _is_ours(environ: WSGI) -> bool:
    target = environ.get("HTTP_X_AMZ_TARGET")
    path = environ.get("PATH_INFO", "/")
    if target is None:
        is_page = (path == "/health" or path.startswith("/_emulator/")) and "HTTP_AUTHORIZATION" not in environ
        return is_page or (path == "/" and protocol.CONTENT_TYPE in environ.get("CONTENT_TYPE", ""))
    service, _, operation = target.partition(".")
    if service != "SageMaker":
        return bool(service.startswith("SageMaker"))
    if operation in TAG_OPERATIONS:
        return not _ANOTHER_RESOURCE.search(_body(environ))
    # moto tells services apart by the signature alone.
    return operation in OPERATIONS or "/sagemaker/" not in environ.get("HTTP_AUTHORIZATION", "")


def _body(environ: WSGI) -> bytes:
    """The body of a request, left in place for whoever answers it."""
    body: bytes = environ["wsgi.input"].read(LARGEST_BODY + 1)
    environ["wsgi.input"] = BytesIO(body)
    return body


def _call(services: Services, request_id: str) -> protocol.Call:
    headers = flask.request.headers
    name = protocol.operation_of(headers.get("X-Amz-Target", ""))
    if name not in OPERATIONS or flask.request.method != "POST":
        raise errors.unknown_operation()
    return protocol.Call(
        operation=name,
        request=protocol.decode_body(_data()),
        region=protocol.region_of(headers.get("Authorization", "")),
        account=services.settings.account,
        request_id=request_id,
    )


def _data() -> bytes:
    try:
        return flask.request.get_data()
    except RequestEntityTooLarge:
        raise errors.body_too_large(LARGEST_BODY) from None
