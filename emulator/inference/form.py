"""What a container's form of requests and answers consists of, and what it knows of the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.inference.wanted import Prefilled, Prompt, Token, Wanted, Written


@dataclass(frozen=True)
class Limits:
    """How much the model reads and writes, in tokens: of a prompt, of both together, and where nothing is asked for.

    An encoder-decoder writes a text of its own, not on from the prompt: `encoder_decoder` says so.
    """

    input: int
    total: int
    new: int
    encoder_decoder: bool = False


class Encoder(Protocol):
    """Makes a prompt of a request's text."""

    def __call__(self, text: str, most: int | None = None) -> Prompt:
        """What the model reads; of a longer one the last `most` tokens."""


@dataclass(frozen=True)
class Results:
    """All texts of a request, in its order, and what the model read of its prompt where that was asked for."""

    written: Sequence[Written]
    prefill: Sequence[Prefilled] = ()


class Form(Protocol):
    """How one container takes requests and gives answers."""

    stream_type: str
    """Content type of a stream of tokens."""

    def read(self, body: bytes, content_type: str, *, streaming: bool) -> Wanted:
        """A request. Raises ContainerError."""

    def answer(self, wanted: Wanted, results: Results) -> bytes:
        """The answer to a request, as JSON."""

    def part(self, wanted: Wanted, token: Token, written: Written) -> bytes:
        """The part of a stream that tells a token; `written.reason` is set with the last one."""


def is_json(content_type: str) -> bool:
    """Whether a Content-Type says JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def as_members(token: Token) -> dict[str, Any]:
    """A token as JSON."""
    return {"id": token.id, "text": token.text, "logprob": token.logprob, "special": token.special}
