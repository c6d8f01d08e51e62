"""How a worker hands a file over to the emulator's own S3: an empty PUT that names it, so that nobody reads it."""

from dataclasses import dataclass
from pathlib import Path

FILE_HEADER = "x-automl-emulator-file"
"""Its path, percent-encoded."""
MD5_HEADER = "x-automl-emulator-md5"
"""Of its content, in hexadecimal digits: the ETag, which nobody computes again."""

HANDED_OVER = "automl_emulator.handed_over"
"""Key of a WSGI environment for the HandOver of a request that may hand one over; no client can set it."""


@dataclass(frozen=True)
class HandOver:
    """A file that is to be an object."""

    file: Path
    md5: str
