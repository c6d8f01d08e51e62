"""moto's applications, made to read requests to S3 as S3 reads them.

What is relied on of moto's inside: `create_backend_app` makes a service's Flask application from the class of requests
that it names, and the path of a request is in `RAW_URI` as it was sent: the decoded one only finds the function.
"""

from typing import Any

from moto.moto_server.werkzeug_app import BackendRequest, create_backend_app

import emulator.local_aws.access_lists
import emulator.local_aws.bucket_lists
import emulator.local_aws.checksums
import emulator.local_aws.copies
import emulator.local_aws.corrections
import emulator.local_aws.forms
import emulator.local_aws.listings
import emulator.local_aws.selects
import emulator.local_aws.suspended
import emulator.local_aws.uploads  # noqa: F401 - importing them is what they are for
from emulator.refusals import WSGI


class S3Request(BackendRequest):
    """A request whose body is the content of an object, whatever type it has, unless a browser posts a form."""

    def __init__(self, environ: WSGI, *arguments: Any, **options: Any) -> None:
        environ["PATH_INFO"] = environ.get("PATH_INFO", "").replace("\n", " ")  # in moto's patterns `.` is no newline
        environ["wsgi.input"].seek(0)  # moto may have read it, to find the service that a form is for
        super().__init__(environ, *arguments, **options)

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether werkzeug takes the body apart: of anything but a form moto would keep nothing."""
        return self.method == "POST" and self.mimetype == "multipart/form-data"


def create_application(service: Any) -> Any:
    """The application of one of moto's services."""
    application = create_backend_app(service)
    if service == "s3":
        application.request_class = S3Request
    return application
