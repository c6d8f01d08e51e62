"""S3, STS, IAM and the rest of AWS on our port: moto, inside this process.

moto's two application names are thinly documented, so they stay here. Importing moto takes a third of a second: it
happens in the background at start, or at the first call that needs it.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from emulator import errors
from emulator.local_aws import guard
from emulator.local_aws.sending import sending
from emulator.local_aws.shared_lock import SharedLock
from emulator.refusals import WSGI, is_s3, refuse
from emulator.s3.digests import check_body
from emulator.s3.hand_over import HANDED_OVER
from emulator.s3.layout import S3Uri

if TYPE_CHECKING:
    from emulator.local_aws.durable_s3 import DurableS3

logger = logging.getLogger(__name__)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class LocalAws:
    """moto as a WSGI application whose failures leave in AWS's form, and its S3 as an index of objects.

    `durable` makes the S3 that outlasts the server; without it, S3 is moto's own, in memory. `elsewhere` is the URL of
    the S3 that is used instead of either.
    """

    def __init__(self, account: str, durable: "Callable[[], DurableS3] | None" = None, elsewhere: str = "") -> None:
        self._account = account
        self._elsewhere = elsewhere
        self._make_durable = durable
        self._durable: DurableS3 | None = None
        self._lock = threading.Lock()
        self._s3 = SharedLock()

    def load(self) -> None:
        """Import moto and load what is kept; returns when it can answer. Raises InternalFailure."""
        with self._lock:
            _ = self._application, self._backends
            if self._make_durable is not None and self._durable is None:
                try:
                    self._durable = self._make_durable()
                except Exception as problem:
                    logger.exception("S3 could not be loaded")
                    raise errors.s3_not_loaded(str(problem)) from problem

    def close(self) -> None:
        """Let go of the S3 that is kept."""
        with self._lock:
            self._make_durable = None  # for a load that has not begun
            if self._durable is not None:
                self._durable.close()

    @cached_property
    def _application(self) -> WSGI:
        os.environ["MOTO_ACCOUNT_ID"] = self._account
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication

        from emulator.local_aws.applications import create_application

        return DomainDispatcherApplication(create_application)

    @cached_property
    def _backends(self) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends

    def any_under(self, uri: S3Uri) -> bool:
        """Whether an object's key begins with the URI's. Raises InternalFailure where S3 cannot be loaded."""
        keys = self._keys(uri.bucket)
        return any(key.startswith(uri.key) and _is_object(keys, key) for key in list(keys))

    def has(self, uri: S3Uri) -> bool:
        """Whether there is an object of the URI's key. Raises InternalFailure where S3 cannot be loaded."""
        return _is_object(self._keys(uri.bucket), uri.key)

    def beginning(self, uri: S3Uri, size: int) -> bytes:
        """So many bytes of the first object that has any and whose key begins with the URI's; none where none has.

        Raises InternalFailure where S3 cannot be loaded.
        """
        from emulator.local_aws.content import beginning

        keys = self._keys(uri.bucket)
        found = sorted(key for key in list(keys) if key.startswith(uri.key) and _is_object(keys, key))
        with self._s3.shared():
            return next(filter(None, (beginning(dict.get(keys, key)[-1], size) for key in found)), b"")  # type: ignore[index]

    def has_sagemaker_resource(self, region: str, arn: str) -> bool:
        """Whether one of moto's own SageMaker operations made what the ARN names."""
        models: Any = sys.modules.get("moto.sagemaker.models")
        if models is None:  # not loaded yet: none was made
            return False
        backend = models.sagemaker_backends[self._account].get(region)
        try:
            return backend is not None and backend._get_resource_from_arn(arn) is not None
        except (AttributeError, ValueError):  # a type of resource that moto does not know, or no ARN
            return False

    def training_jobs(self, region: str) -> list[Mapping[str, Any]]:
        """TrainingJobSummary of each training job that moto's own CreateTrainingJob made."""
        models: Any = sys.modules.get("moto.sagemaker.models")
        backend = None if models is None else models.sagemaker_backends[self._account].get(region)
        return [] if backend is None else [_summary(made) for made in list(backend.training_jobs.values())]

    def reset(self) -> None:
        """Forget every bucket, role and whatever else moto holds."""
        with self._lock:
            if "_application" not in self.__dict__:
                return
            from moto.moto_api._internal.models import moto_api_backend

            with self._s3.exclusive():
                moto_api_backend.reset()

    def __call__(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Answer by moto; what moto cannot answer becomes a 4xx in the form that the caller's protocol reads."""
        with sending(environ) as content:
            try:
                response = self._answer(environ)
            except errors.ApiError as error:
                response = refuse(environ, error)
            return content.answer(response, environ, start_response)

    def _answer(self, environ: WSGI) -> Response:
        if self._elsewhere and is_s3(environ):
            raise errors.s3_is_elsewhere(self._elsewhere)
        self.load()
        if is_s3(environ):
            check_body(environ)
        handed = environ.get(HANDED_OVER)
        if handed is None:
            return self._loaded_answer(environ)
        from emulator.local_aws.handed_files import taking

        with taking(handed, environ, kept=self._durable is not None):
            return self._loaded_answer(environ)

    def _loaded_answer(self, environ: WSGI) -> Response:
        if self._durable is None:
            with self._alone(environ):
                return guard.answer(self._application, environ)
        if environ.get("PATH_INFO", "").startswith("/moto-api/reset"):
            raise errors.reset_would_lose_data()
        return self._kept_answer(self._durable, environ)

    def _kept_answer(self, durable: "DurableS3", environ: WSGI) -> Response:
        """Moto's answer, once all that it says is on the disk. Raises InternalFailure where that cannot be."""
        from emulator.local_aws.watched_s3 import watching

        with watching(writing=_writes(environ)) as touched, self._alone(environ):
            response = guard.answer(self._application, environ)
            touched.settle()
        durable.keep(touched, self._s3.shared)
        return response

    def _alone(self, environ: WSGI) -> AbstractContextManager[None]:
        """Since moto's S3 shows a new object before it has its metadata, whoever writes does so alone."""
        if not is_s3(environ):
            return nullcontext()
        return self._s3.exclusive() if _writes(environ) else self._s3.shared()

    def _keys(self, bucket: str) -> dict[str, list[Any]]:
        self.load()
        partition, account = self._backends.bucket_accounts.get(bucket, (None, None))
        found = self._backends[account][partition].buckets.get(bucket) if account else None
        return {} if found is None else found.keys


def _summary(made: Any) -> Mapping[str, Any]:
    """TrainingJobSummary of a training job of moto's, whose times are in UTC and do not say so."""
    times = {
        "CreationTime": made.creation_time,
        "TrainingEndTime": made.training_end_time,
        "LastModifiedTime": made.last_modified_time,
    }
    return {
        "TrainingJobName": made.training_job_name,
        "TrainingJobArn": made.arn,
        "TrainingJobStatus": made.training_job_status,
        "SecondaryStatus": made.secondary_status,
    } | {member: _milliseconds(time) for member, time in times.items()}


def _milliseconds(time: datetime) -> float:
    """Epoch seconds, without what is below a millisecond, as moto describes them."""
    return time.replace(tzinfo=UTC, microsecond=time.microsecond // 1000 * 1000).timestamp()


def _writes(environ: WSGI) -> bool:
    return environ["REQUEST_METHOD"] not in _READING


def _is_object(keys: dict[str, list[Any]], key: str) -> bool:
    """Whether a key's current version is no delete marker."""
    versions = dict.get(keys, key)
    return bool(versions) and hasattr(versions[-1], "etag")  # type: ignore[index]
