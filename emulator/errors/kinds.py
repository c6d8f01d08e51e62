"""What an error is, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, ParamSpec, TypeVar

P = ParamSpec("P")
E = TypeVar("E", bound=Exception)

Confidence = Literal["observed", "documented", "inferred", "ours"]
"""How sure a text is: seen from the service, written in AWS's pages, deduced, or about the emulator itself."""


class ApiError(Exception):
    """An error in AWS's form.

    `message` is None where AWS sends a code without words.
    """

    def __init__(self, code: str, message: str | None, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class ModelError(ApiError):
    """The runtime's error for what a model's container answered in place of a text."""

    def __init__(
        self, message: str, error_code: str, original_status: int, original_message: str, log_stream_arn: str
    ) -> None:
        super().__init__("ModelError", message, 424)
        self.members = {
            "ErrorCode": error_code,
            "OriginalStatusCode": original_status,
            "OriginalMessage": original_message,
            "LogStreamArn": log_stream_arn,
        }


class JobFailure(Exception):
    """Ends a job as Failed; the text becomes its FailureReason."""


class EndpointFailure(Exception):
    """Ends the creation or the update of an endpoint; the text becomes its FailureReason."""


class ContainerError(Exception):
    """What a model's container answers in place of a text; callers see it as the ModelError of the runtime.

    `status` is its own HTTP status, or 0 where it gave none in time.
    """

    def __init__(self, status: int, message: str, kind: str = "application/json") -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.kind = kind


class ServerEnding(Exception):
    """The emulator ends: what waits for something stops waiting, and goes on when the emulator starts again."""


@dataclass(frozen=True)
class Violation:
    """One broken constraint: `path` as AWS writes it, `value` as AWS renders it, and the constraint's phrase.

    `value` is None for a sensitive member, which AWS does not repeat.
    """

    path: str
    value: str | None
    phrase: str

    def __str__(self) -> str:
        value = "Value" if self.value is None else f"Value {self.value}"
        return f"{value} at '{self.path}' failed to satisfy constraint: {self.phrase}"


@dataclass(frozen=True)
class CatalogueEntry:
    """A constructor of an error or of a FailureReason, with the source of its words."""

    make: Callable[..., Exception]
    confidence: Confidence
    source: str


CATALOGUE: dict[str, CatalogueEntry] = {}
"""Every constructor of this package by its name, for the generated error list and the tests."""


def listed(confidence: Confidence, source: str) -> Callable[[Callable[P, E]], Callable[P, E]]:
    """Enter a constructor in the list, with the source of its words."""

    def register(make: Callable[P, E]) -> Callable[P, E]:
        CATALOGUE[make.__name__] = CatalogueEntry(make, confidence, source)
        return make

    return register
