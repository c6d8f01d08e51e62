"""S3, STS, IAM and the rest of AWS on our port: moto, inside this process.

moto's two application names are thinly documented, so they stay here. Importing moto takes a third of a second: it
happens in the background at start, or at the first call that needs it.
"""

import os
import sys
import threading
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from emulator.storage import guard
from emulator.storage.layout import S3Uri
from emulator.storage.refusals import WSGI


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
        return any(key.startswith(uri.key) for key in self._keys(uri.bucket))

    def has(self, uri: S3Uri) -> bool:
        """Whether there is an object of the URI's key."""
        return uri.key in self._keys(uri.bucket)

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

    def __call__(self, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Answer by moto; what moto cannot answer becomes a 4xx in the form that the caller's protocol reads."""
        self.load()
        return guard.answer(self._application, environ)(environ, start_response)

    def _keys(self, bucket: str) -> list[str]:
        self.load()
        found = self._backends[self._account]["aws"].buckets.get(bucket)
        return [] if found is None else list(found.keys)
