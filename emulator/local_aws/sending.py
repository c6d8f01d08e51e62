"""Large contents go from their file to the socket: an answer to a GET promises them, and nobody reads them before.

moto makes its answer around a value that has a length and no bytes. Which part of it a Range asked for is read off the
answer's headers.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.wrappers import Response

from emulator.refusals import WSGI

LEAST = 1 << 20
"""In bytes: what is smaller is read at once."""

_BLOCK = 1 << 18
_FIRST = re.compile(r"bytes (\d+)-")


class OpenContent:
    """An open file as waitress sends it; others may read the same one at other places at the same time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._position = 0

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """Read from here next: so far from the beginning, from where it is, or from the end."""
        self._position = position + (0, self._position, self.size)[whence]
        return self._position

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that follow. Raises OSError where the file has become shorter."""
        wanted = max(0, self.size - self._position if size < 0 else min(size, self.size - self._position))
        pieces = []
        while wanted:
            piece = os.pread(self.fileno(), wanted, self._position)
            if not piece:
                raise OSError("the content ends before its end")
            pieces.append(piece)
            wanted -= len(piece)
            self._position += len(piece)
        return b"".join(pieces)

    def again(self) -> "OpenContent":
        """The same file for somebody else, from its beginning."""
        return OpenContent(os.dup(self.fileno()))

    def fileno(self) -> int:
        """The descriptor. Raises ValueError where it is closed, as files do."""
        if self._descriptor < 0:
            raise ValueError("the content is closed")
        return self._descriptor

    def close(self) -> None:
        """Let go of the file."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class _Promised:
    """So many bytes that moto takes for a value: it asks for the length, and for a part."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> "_Promised":
        return _Promised(len(range(*part.indices(self._size))))

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


class _Present(threading.local):
    sending: "Sending | None" = None


_present = _Present()


class Sending:
    """What an answer has promised to send."""

    def __init__(self) -> None:
        self._content: OpenContent | None = None

    def answer(self, response: Response, environ: WSGI, start_response: WSGI) -> Iterable[bytes]:
        """Send the answer, and the content where it promises one."""
        content, self._content = self._content, None
        if content is None or response.status_code not in {200, 206}:
            if content is not None:
                content.close()
            plain: Iterable[bytes] = response(environ, start_response)
            return plain
        response.close()
        part = _FIRST.match(response.headers.get("content-range", ""))
        content.seek(int(part[1]) if part else 0)
        start_response(response.status, response.headers.to_wsgi_list())
        sent: Iterable[bytes] = environ["wsgi.file_wrapper"](content, _BLOCK)
        return sent

    def promise(self, content: OpenContent) -> _Promised:
        """Take a content to be sent."""
        self.close()
        self._content = content
        return _Promised(content.size)

    def close(self) -> None:
        """Nothing is sent."""
        if self._content is not None:
            self._content.close()
            self._content = None


@contextmanager
def sending(environ: WSGI) -> Iterator[Sending]:
    """Answer a request in this thread so that a large content may be promised."""
    present = Sending()
    _present.sending = present if environ["REQUEST_METHOD"] == "GET" and "wsgi.file_wrapper" in environ else None
    try:
        yield present
    except BaseException:
        present.close()
        raise
    finally:
        _present.sending = None


def promised(size: int, opened: Callable[[], OpenContent]) -> Any:
    """What stands for a content in an answer; None where it has to be read."""
    if _present.sending is None or size < LEAST:
        return None
    return _present.sending.promise(opened())
