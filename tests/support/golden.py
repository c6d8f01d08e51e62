"""The golden cases: what they send, and what must come back."""

import copy
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
_HASH = re.compile(r"@[0-9a-f]+")
_VIOLATIONS = re.compile(r"(\d+) validation errors? detected: (.*)", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """A change to a valid request, with the places for names still open; and where the expectation is from."""

    name: str
    request: str
    source: str
    date: str
    change: dict[str, Any] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)

    @property
    def operation(self) -> str:
        """The API operation that is called."""
        operation: str = requests_by_name()[self.request]["operation"]
        return operation

    def body(self) -> dict[str, Any]:
        """The request that is sent."""
        request: dict[str, Any] = copy.deepcopy(requests_by_name()[self.request]["request"])
        for path, value in self.change.items():
            _put(request, path, value)
        for path in self.remove:
            _take(request, path)
        return request

    @property
    def needs_job(self) -> bool:
        """Whether the case is about a job that is there."""
        return "<job" in json.dumps(self.change) or self.changes_job

    @property
    def needs_hosting(self) -> bool:
        """Whether the case is about a model, a configuration or an endpoint of our own that is there."""
        return "<hosted" in json.dumps(self.change)

    @property
    def changes_job(self) -> bool:
        """Whether the case would change a job, were it not refused: only for one of our own."""
        return "<tagged_job" in json.dumps(self.change)


@dataclass(frozen=True)
class Fault(Case):
    """A faulty request and its answer; `raw` is a body that is sent as it is."""

    error: str = ""
    code: str = ""
    status: int = 400
    message: str | None = None
    violations: list[str] = field(default_factory=list)
    via: str = "boto3"
    raw: str | None = None


def faults() -> list[Fault]:
    """Every faulty request."""
    return [Fault(**case) for file in sorted((GOLDEN / "errors").glob("*.json")) for case in _read(file)]


def accepted() -> list[Case]:
    """Every odd request that is valid."""
    return [Case(**case) for case in _read(GOLDEN / "accepted.json")]


@cache
def requests_by_name() -> dict[str, Any]:
    """The valid requests to start from."""
    requests: dict[str, Any] = _read(GOLDEN / "requests.json")
    return requests


def filled(value: Any, names: dict[str, str]) -> Any:
    """A value with every `<name>` filled in, at whatever depth."""
    text = json.dumps(value)
    for name, put in names.items():
        text = text.replace(f"<{name}>", put)
    return json.loads(text)


def assert_told(fault: Fault, message: str | None, names: dict[str, str]) -> None:
    """The message is the one of the golden case; several violations are compared as a set."""
    if not fault.violations:
        assert (message or None) == filled(fault.message, names)
        return
    told = _VIOLATIONS.fullmatch(message or "")
    assert told is not None, message
    found = {_HASH.sub("@<hash>", violation) for violation in told[2].split("; ")}
    assert found == set(filled(fault.violations, names))
    assert int(told[1]) == len(fault.violations)


def by_name(cases: list[Any]) -> list[Any]:
    """Parameters with the names of the cases as ids."""
    return [pytest.param(case, id=case.name) for case in cases]


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _put(request: Any, path: str, value: Any) -> None:
    *parents, last = _steps(path)
    node = request
    for step in parents:
        node = node[step] if isinstance(step, int) else node.setdefault(step, {})
    if isinstance(last, int) and last == len(node):
        node.append(value)
    else:
        node[last] = value


def _take(request: Any, path: str) -> None:
    *parents, last = _steps(path)
    node = request
    for step in parents:
        node = node[step]
    del node[last]


def _steps(path: str) -> list[int | str]:
    return [int(step) if step.isdigit() else step for step in path.split(".")]
