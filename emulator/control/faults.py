"""Faults: the next calls of an operation wait, answer an error, or lose their connection."""

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from emulator import errors
from emulator.control.checks import checked

ALL = "*"
S3 = "S3"
CONNECTION_CLOSED = "ConnectionClosed"
LONGEST_DELAY = 300

_MEMBERS = {
    "operation": {"type": "string"},
    "error": {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9.]{0,127}$"},
    "message": {"type": "string", "maxLength": 4096},
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "delay_seconds": {"type": "number", "minimum": 0, "maximum": LONGEST_DELAY},
    "times": {"type": ["integer", "null"], "minimum": 1},
}


class ConnectionDropped(Exception):
    """The caller is to get no answer."""


@dataclass
class Fault:
    """What happens to a call: a wait, then the error if there is one, else what would have happened.

    `times` is how many calls are still to be hit, None for all; `struck` is how many were.
    """

    operation: str
    error: str | None = None
    message: str | None = None
    status: int | None = None
    delay_seconds: float = 0
    times: int | None = 1
    struck: int = field(default=0, init=False)

    def raised(self) -> Exception | None:
        """The exception for the caller, AWS's status and words filled in where they were left out."""
        if self.error is None:
            return None
        if self.error == CONNECTION_CLOSED:
            return ConnectionDropped()
        status, message = errors.COMMON_ERRORS.get(self.error, (400, ""))
        return errors.commanded_error(
            self.error, message if self.message is None else self.message, self.status or status
        )


class FaultBoard:
    """The faults that are set, in the order in which they were. Safe to use from any thread."""

    def __init__(self, operations: Iterable[str]) -> None:
        self._operations = frozenset(operations) | {ALL, S3}
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._released = threading.Event()

    def add(self, content: object) -> dict[str, Any]:
        """Set a fault, as JSON describes it. Raises ApiError."""
        fault = Fault(**checked(content, _MEMBERS, ("operation",)))
        if fault.operation not in self._operations:
            known = ", ".join(sorted(self._operations))
            raise errors.bad_control_request(f"{fault.operation!r} is none of the operations {known}")
        if fault.error is None and not fault.delay_seconds:
            raise errors.bad_control_request("a fault needs an error or delay_seconds")
        if fault.error is None and not (fault.message is None and fault.status is None):
            raise errors.bad_control_request("a message or a status needs an error")
        with self._lock:
            self._faults.append(fault)
            return asdict(fault)

    def listing(self) -> list[dict[str, Any]]:
        """All faults, those that have been used up too."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    @property
    def is_empty(self) -> bool:
        """Whether no fault is set."""
        return not self._faults

    def clear(self) -> None:
        """Forget all faults, and let go of the calls that wait."""
        with self._lock:
            self._faults.clear()
            self._released.set()
            self._released = threading.Event()

    def strike(self, operation: str) -> None:
        """Do to a call what the first fault for it says. Raises ApiError or ConnectionDropped."""
        with self._lock:
            fault = next((fault for fault in self._faults if _hits(fault, operation)), None)
            if fault is None:
                return
            fault.struck += 1
            if fault.times is not None:
                fault.times -= 1
            released, raised = self._released, fault.raised()
        released.wait(fault.delay_seconds)
        if raised is not None:
            raise raised


def _hits(fault: Fault, operation: str) -> bool:
    every = fault.operation == ALL and operation != S3
    return (every or fault.operation == operation) and fault.times != 0
