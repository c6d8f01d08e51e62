"""A file that a worker hands over becomes the content of the object that moto makes of its request.

What is relied on of moto's inside: `S3Backend.put_object` makes the object, and tells others of it; `_value_buffer`,
`_max_buffer_size`, `contentsize` and `_etag` of a key.
"""

import base64
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.s3.models import FakeKey, S3Backend
from moto.s3.notifications import S3NotificationEvent, send_event

from emulator import errors
from emulator.local_aws.content import FileKey
from emulator.local_aws.sending import OpenContent
from emulator.refusals import WSGI
from emulator.s3.hand_over import HandOver

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_CHECKSUMS = ("HTTP_X_AMZ_CHECKSUM_", "HTTP_X_AMZ_SDK_CHECKSUM_")


class HandedFile(OpenContent):
    """What moto takes for its buffer: a file that stays open, wherever it is moved."""

    def __init__(self, handed: HandOver) -> None:
        descriptor = os.open(handed.file, _FLAGS)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(handed.file)
        super().__init__(descriptor)
        self.path = handed.file
        self.md5 = handed.md5


class HeldKey(FileKey):
    """A version of an object whose content is in a file without a name, which is gone when it is closed."""

    def _open(self) -> OpenContent:
        return self._buffer.again()

    @property
    def _buffer(self) -> HandedFile:
        found: Any = self._value_buffer
        assert isinstance(found, HandedFile)  # noqa: S101 - `_fill` alone makes a HeldKey
        return found

    def __deepcopy__(self, _: dict[int, Any]) -> "HeldKey":
        twin = object.__new__(_Twin)
        vars(twin).update(vars(self))
        return twin


class _Twin(HeldKey):
    """A copy that moto makes to list versions: the file is not its own."""

    def dispose(self, garbage: bool = False) -> None:  # noqa: ARG002 - moto's signature
        self.disposed = True


class _Present(threading.local):
    file: HandedFile | None = None
    kept = False


_present = _Present()


@contextmanager
def taking(handed: HandOver, environ: WSGI, *, kept: bool) -> Iterator[None]:
    """Answer a request in this thread so that the file becomes its object; `kept` by who keeps S3 on the disk.

    The file stays where it is when there is no object or an error. Raises InvalidArgument where it cannot be opened.
    """
    _without_checksums(environ, handed.md5)
    try:
        file = HandedFile(handed)
    except OSError:
        raise errors.access.file_not_taken() from None
    _present.file, _present.kept = file, kept
    try:
        yield
        if _present.file is None:
            handed.file.unlink(missing_ok=True)
    finally:
        if _present.file is not None:
            file.close()
            _present.file = None


def _without_checksums(environ: WSGI, md5: str) -> None:
    """The checksums that came are of the empty body; object locks ask for one, and the MD5 is known."""
    for name in [name for name in environ if name.startswith(_CHECKSUMS)]:
        del environ[name]
    environ["HTTP_CONTENT_MD5"] = base64.b64encode(bytes.fromhex(md5)).decode()


def _fill(key: FakeKey, file: HandedFile, *, kept: bool) -> None:
    """Give an empty object its content. What moto would hold in memory takes no descriptor: those are few."""
    filled: Any = key
    with key.lock:
        filled.contentsize = file.size
        filled._etag = file.md5
        if not kept and file.size <= filled._max_buffer_size:
            filled._value_buffer.write(file.read())
            file.close()
            return
        filled._value_buffer.close()
        filled._value_buffer = file
        if not kept:
            filled.__class__ = HeldKey


_put_empty_object: Any = S3Backend.put_object


def _put_object(self: S3Backend, bucket_name: str, key_name: str, value: bytes, **others: Any) -> FakeKey:
    """As moto does, but for an object that is made of a file: whoever is notified learns of its true size."""
    file = _present.file
    if file is None or value:  # moto writes the log of a bucket, too, while it answers
        made: FakeKey = _put_empty_object(self, bucket_name, key_name, value, **others)
        return made
    key: FakeKey = _put_empty_object(self, bucket_name, key_name, value, **others | {"disable_notification": True})
    _fill(key, file, kept=_present.kept)
    _present.file = None
    send_event(self.account_id, S3NotificationEvent.OBJECT_CREATED_PUT_EVENT, self.get_bucket(bucket_name), key)
    return key


S3Backend.put_object = _put_object  # type: ignore[method-assign, assignment]
