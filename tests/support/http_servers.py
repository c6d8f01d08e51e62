"""HTTP servers of our own, in a thread beside the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import TypeVar

Running = TypeVar("Running", bound=ThreadingHTTPServer)


@contextmanager
def serving(server: Running) -> Iterator[Running]:
    """The server, which answers within this context."""
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
