"""A stand-in for the Hugging Face hub: a real HTTP server with what its client asks of a repository.

Of the hub's protocol: a revision's commit, its tree, its files, with weights at another address as large files are. A
repository can be gated, and the way to its weights can break.
"""

import hashlib
import json
import re
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.http_servers import serving

COMMIT = "c0ffee" + "0" * 34
WEIGHTS = ".safetensors"
TOKEN = "hf_letmein"  # noqa: S105 - of no account


class Hub(ThreadingHTTPServer):
    """Serves the folders under a root, each `owner/name` a repository; counts what it sent of weights."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.gated: set[str] = set()
        self.breaks = 0
        """So many times more the connection ends in the middle of a file of weights."""
        self.sent: list[str] = []
        """What was asked for of weights, with the range."""

    @property
    def url(self) -> str:
        """What `HF_ENDPOINT` is set to."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Answer for a repository, or refuse as the hub does."""
        path = urlsplit(self.path).path
        found = re.fullmatch(r"/(?:api/models|cdn)?/?([\w-]+/[\w-]+)/(revision|tree|resolve|file)/[^/]+/?(.*)", path)
        if found is None or not (self.server.root / found[1]).is_dir():
            self.refuse(401, "RepoNotFound", "Invalid username or password.")
        elif found[1] in self.server.gated and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.refuse(401, "GatedRepo", f"Access to model {found[1]} is restricted.")
        else:
            self.tell(self.server.root / found[1], found[1], found[2], found[3])

    do_GET = do_HEAD = answer  # noqa: N815 - the names that the base class calls

    def tell(self, folder: Path, repository: str, what: str, name: str) -> None:
        """One of the four things that are asked of a repository."""
        if what == "revision":
            names = [{"rfilename": file.name} for file in sorted(folder.iterdir())]
            self.send_json({"id": repository, "sha": COMMIT, "siblings": names, "private": False})
        elif what == "tree":
            self.send_json([_entry(file) for file in sorted(folder.iterdir())])
        elif not (folder / name).is_file():
            self.refuse(404, "EntryNotFound", "Entry not found")
        elif what == "resolve" and name.endswith(WEIGHTS):
            length, etag = (folder / name).stat().st_size, _sha256(folder / name)
            linked = {"X-Linked-Size": str(length), "X-Linked-Etag": f'"{etag}"', "X-Repo-Commit": COMMIT}
            self.send(302, linked | {"Location": f"{self.server.url}/cdn/{repository}/file/{COMMIT}/{name}"}, b"")
        else:
            self.send_file(folder / name)

    def send_file(self, file: Path) -> None:
        """A file from where the caller wants it; one of weights perhaps not to its end."""
        content = file.read_bytes()
        headers = {"ETag": f'"{_oid(file)}"', "X-Repo-Commit": COMMIT}
        begin = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(begin[1]) if begin else 0
        if begin:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        breaks = file.suffix == WEIGHTS and self.command == "GET" and self.server.breaks > 0
        if file.suffix == WEIGHTS and self.command == "GET":
            self.server.sent.append(f"{file.name} from {start}")
            self.server.breaks -= breaks
        self.send(206 if begin else 200, headers, content[start:], cut=breaks)

    def send_json(self, content: Any) -> None:
        """An answer of the API."""
        self.send(200, {"Content-Type": "application/json"}, json.dumps(content).encode())

    def refuse(self, status: int, code: str, message: str) -> None:
        """An error as the hub tells it."""
        self.send(status, {"X-Error-Code": code, "X-Error-Message": message}, json.dumps({"error": message}).encode())

    def send(self, status: int, headers: dict[str, str], body: bytes, *, cut: bool = False) -> None:
        """An answer, of which half is sent where it is to be cut."""
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = cut

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _entry(file: Path) -> dict[str, Any]:
    """A file as it stands in a tree."""
    size = file.stat().st_size
    entry: dict[str, Any] = {"type": "file", "path": file.name, "size": size, "oid": _oid(file)}
    if file.suffix == WEIGHTS:
        entry["lfs"] = {"oid": _sha256(file), "size": size, "pointerSize": 134}
    return entry


def _oid(file: Path) -> str:
    content = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def hub_of(root: Path) -> AbstractContextManager[Hub]:
    """A running one."""
    return serving(Hub(root))
