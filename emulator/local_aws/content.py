"""An object of moto's whose content is in a file of ours.

What is relied on of moto's inside: `_value_buffer`, `lock` and `multipart` of a key.
"""

import os
from pathlib import Path
from typing import Any, BinaryIO

from moto.s3.models import FakeKey

from emulator.local_aws.sending import OpenContent, promised


class ContentChanged(Exception):
    """The file of a content is not the one that was written."""


class ContentFile:
    """What moto takes for its buffer: the content of a file, which is open only while it is read."""

    def __init__(self, path: Path) -> None:
        status = path.stat()
        self.path = path
        self.written = status.st_size, status.st_mtime_ns
        self._position = 0

    def seek(self, position: int) -> None:
        """Read from here next."""
        self._position = position

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that follow. Raises ContentChanged where the file is another one by now."""
        with self._opened() as file:
            file.seek(self._position)
            content = file.read(size)
        self._position += len(content)
        return content

    def open(self) -> OpenContent:
        """The content for somebody who reads it later. Raises ContentChanged likewise."""
        with self._opened() as file:
            return OpenContent(os.dup(file.fileno()))

    def _opened(self) -> BinaryIO:
        try:
            file = os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
        except FileNotFoundError:
            raise self._changed() from None
        status = os.fstat(file.fileno())
        if (status.st_size, status.st_mtime_ns) != self.written:
            file.close()
            raise self._changed()
        return file

    def _changed(self) -> "ContentChanged":
        return ContentChanged(f"{self.path} was changed, which the server sees when it is started again")

    def close(self) -> None:
        """The file stays: what becomes of it is decided when the request is kept."""


class FileKey(FakeKey):
    """A version of an object whose content is in a file, from which an answer can be sent."""

    @property
    def value(self) -> Any:
        """The content, or what stands for it while it is promised."""
        with self.lock:
            promise = promised(self.contentsize, self._open)
        return FakeKey.value.fget(self) if promise is None else promise  # type: ignore[attr-defined]

    def _open(self) -> OpenContent:
        raise NotImplementedError


class KeptKey(FileKey):
    """A version of an object whose content is in a file; `token` names the content."""

    token: str

    def _open(self) -> OpenContent:
        return self.content.open()

    @property
    def content(self) -> ContentFile:
        """The content's file."""
        found: Any = self._value_buffer
        assert isinstance(found, ContentFile)  # noqa: S101 - `adopt` alone makes a KeptKey
        return found

    def dispose(self, garbage: bool = False) -> None:  # noqa: ARG002 - moto's signature
        """Nothing is held."""
        self.disposed = True

    def __deepcopy__(self, _: dict[int, Any]) -> "KeptKey":
        """A twin that reads the same file: moto copies whatever it lists the versions of, contents included."""
        twin = object.__new__(KeptKey)
        vars(twin).update(vars(self))
        return twin


def beginning(key: FakeKey, size: int) -> bytes:
    """The first bytes of a version. Raises ContentChanged."""
    with key.lock:
        buffer: Any = key._value_buffer
        buffer.seek(0)
        content: bytes = buffer.read(size)
        return content


def adopt(key: FakeKey, token: str, path: Path) -> KeptKey:
    """Turn a version of moto's into one whose content is in a file; the caller alone has it, or has its lock."""
    kept: Any = key
    buffer, kept._value_buffer = kept._value_buffer, ContentFile(path)
    buffer.close()
    # The parts of a multipart upload are closed by now; without them moto answers a partNumber with the whole.
    kept.multipart = None
    kept.token = token
    kept.__class__ = KeptKey
    found: KeptKey = kept
    return found
