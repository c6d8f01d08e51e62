"""Headers of requests to S3 that moto would not read as S3 does.

Malformed ones of which S3 takes no notice would break it, so they are left out.
"""

import re
from datetime import datetime

from emulator.refusals import WSGI

METADATA_HEADERS = "automl_emulator.metadata_headers"
"""Key of a WSGI environment for the S3 metadata headers that have an underscore in their names."""

_RANGE = re.compile(r"bytes=(\d+-\d*|-\d+)", re.ASCII | re.IGNORECASE)
_DATE = "%a, %d %b %Y %H:%M:%S GMT"
_DATES = (
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_X_AMZ_COPY_SOURCE_IF_MODIFIED_SINCE",
    "HTTP_X_AMZ_COPY_SOURCE_IF_UNMODIFIED_SINCE",
)


def leave_out(environ: WSGI) -> None:
    """Take malformed ranges and dates out of a request to S3: it is answered as if they had not come."""
    if "HTTP_RANGE" in environ and not _RANGE.fullmatch(environ["HTTP_RANGE"]):
        del environ["HTTP_RANGE"]
    for name in _DATES:
        if name in environ and not _is_date(environ[name]):
            del environ[name]


def _is_date(text: str) -> bool:
    """Whether a text is a date as HTTP has them, in the form that moto reads."""
    try:
        datetime.strptime(text, _DATE)
    except ValueError:
        return False
    return True
