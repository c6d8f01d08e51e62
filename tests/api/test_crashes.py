"""Every request that ever broke the server, hung it, or got an answer of moto's through it."""

import json
from dataclasses import dataclass

import pytest

from tests.support.golden import GOLDEN
from tests.support.server import Server
from tests.support.wire import exchange


@dataclass(frozen=True)
class Crash:
    """A request, what came of it once (`was`), and what must come of it; text stands for bytes, as in Latin-1."""

    name: str
    was: str
    date: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    code: str | None

    def message(self) -> bytes:
        """The request as bytes."""
        length = {} if "Transfer-Encoding" in self.headers else {"Content-Length": str(len(self.body))}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in (length | self.headers).items())]
        return "\r\n".join([*lines, "", self.body]).encode("latin-1")


CRASHES = [Crash(**case) for case in json.loads((GOLDEN / "crashes.json").read_text(encoding="utf-8"))]


@pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: crash.name)
def test_a_crash_stays_away(own_server: Server, crash: Crash) -> None:
    """What once broke the server is answered as it should be."""
    (answer,) = exchange(own_server, crash.message())
    assert answer.status == crash.status, answer
    if crash.code is not None:
        assert crash.code.encode() in answer.body
        assert answer.headers["x-amzn-errortype"] == crash.code


def test_no_crash_left_anything_behind(own_server: Server) -> None:
    """After all of them, lists are as they should be."""
    names = [model.get("ModelName") for model in own_server.client("sagemaker").list_models()["Models"]]
    assert None not in names
    assert own_server.post("ListAutoMLJobs", {}).status_code == 200
