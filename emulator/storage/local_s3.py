"""S3, STS, IAM and the rest of AWS on our port: moto, inside this process.

moto's two application names are thinly documented, so they stay here. Importing moto takes a third of a second: it
happens in the background at start, or at the first call that needs it.
"""

import logging
import os
import threading
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from emulator import errors, protocol
from emulator.storage.layout import S3Uri

logger = logging.getLogger(__name__)

WSGI = Any  # a WSGI application, environment or start_response: the standard gives them no useful type


class LocalAws:
    """moto as a WSGI application whose failures leave in AWS's form, and its S3 as an index of objects."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._lock = threading.Lock()

    def load(self) -> None:
        """Import moto; returns when it can answer."""
        with self._lock:
            _ = self._application, self._backends

    @cached_property
    def _application(self) -> WSGI:
        os.environ["MOTO_ACCOUNT_ID"] = self._account
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        return DomainDispatcherApplication(create_backend_app)

    @cached_property
    def _backends(self) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends

    def any_under(self, uri: S3Uri) -> bool:
        """Whether an object's key begins with the URI's."""
        self.load()
        bucket = self._backends[self._account]["aws"].buckets.get(uri.bucket)
        return bucket is not None and any(key.startswith(uri.key) for key in list(bucket.keys))

    def __call__(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Answer by moto; what moto cannot answer becomes a 4xx in the form that the caller's protocol reads."""
        self.load()
        try:
            answer = Response.from_app(self._application, environ)
            if answer.status_code < 500:
                return answer(environ, start_response)
            problem = answer.status
        except NotImplementedError as missing:
            problem = str(missing)
        except Exception as defect:
            logger.exception("moto broke on %s %s", environ["REQUEST_METHOD"], environ.get("PATH_INFO"))
            problem = f"{type(defect).__name__}: {defect}"
        logger.warning("moto could not answer: %s", problem)
        return _refusal(environ)(environ, start_response)


def _refusal(environ: WSGI) -> Response:
    target = environ.get("HTTP_X_AMZ_TARGET")
    request_id = protocol.new_request_id()
    if target is not None or "json" in environ.get("CONTENT_TYPE", ""):
        answer = protocol.encode_error(errors.not_emulated(target or "this request"), request_id)
        return Response(answer.body, answer.status, answer.headers)
    error = errors.not_emulated(f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '/')}")
    body = f"<Error><Code>{error.code}</Code><Message>{escape(error.message or '')}</Message></Error>"
    return Response(body, error.status, {"x-amzn-RequestId": request_id}, mimetype="application/xml")
