"""Who may hand over a file: a worker of this server's, from the folder of its run."""

import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Response

from emulator import errors
from emulator.access.keys import Key
from emulator.access.sent import Sent, sent
from emulator.credential_scope import service_of
from emulator.refusals import S3_SERVICES, WSGI, is_s3, refuse
from emulator.s3.hand_over import FILE_HEADER, HANDED_OVER, MD5_HEADER, HandOver

_MD5 = re.compile(r"[0-9a-f]{32}")
_VARIABLES = ["HTTP_" + name.upper().replace("-", "_") for name in (FILE_HEADER, MD5_HEADER)]


class WorkerFiles:
    """Judges the requests that name a file of this machine: whoever else sends one could read what is not theirs.

    `key` is the workers' own; `folder` is the one below which each run has its folder.
    """

    def __init__(self, key: Key, folder: Path, clock: Callable[[], float]) -> None:
        self.key = key
        self._folder = folder
        self._clock = clock

    def refusal(self, environ: WSGI) -> Response | None:
        """The answer to a request that names a file and may not; one that may gets its HandOver."""
        if not any(name in environ for name in _VARIABLES):
            return None
        request = sent(environ)
        try:
            self._check_sender(environ, request)
            environ[HANDED_OVER] = HandOver(self._file(request.headers[FILE_HEADER]), request.headers[MD5_HEADER])
        except errors.ApiError as error:
            return refuse(environ, error)
        return None

    def _check_sender(self, environ: WSGI, request: Sent) -> None:
        """Let through the whole and plain PUT of an object alone. Raises AccessDenied."""
        from emulator.access import s3

        headers = request.headers
        is_plain = request.method == "PUT" and not request.query and "x-amz-copy-source" not in headers
        is_empty = headers.get("content-length", "") in {"", "0"}
        signed = headers.get("authorization", "")
        if not (
            is_plain
            and is_empty
            and is_s3(environ)
            and service_of(environ) in S3_SERVICES
            and self.key.id in signed
            and _MD5.fullmatch(headers.get(MD5_HEADER, ""))
        ):
            raise errors.access.file_of_no_worker()
        try:
            claim = s3.check(request, {self.key.id: self.key}, datetime.fromtimestamp(self._clock(), UTC))
        except errors.ApiError:
            raise errors.access.file_of_no_worker() from None
        if not {FILE_HEADER, MD5_HEADER} <= set(claim.signed_headers):
            raise errors.access.file_of_no_worker()

    def _file(self, told: str) -> Path:
        """The file of that name. Raises InvalidArgument for what is no plain file in the folder of a run."""
        path = Path(os.fsdecode(unquote_to_bytes(told)))
        try:
            runs = Path(os.path.realpath(self._folder, strict=True))
            file = Path(os.path.realpath(path.parent, strict=True), path.name)
            is_plain = stat.S_ISREG(file.lstat().st_mode)
        except (OSError, ValueError):
            raise errors.access.file_not_taken() from None
        if not (path.is_absolute() and is_plain and runs in file.parent.parents):
            raise errors.access.file_not_taken()
        return file
