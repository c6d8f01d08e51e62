"""What a request wants of the model, and what the model has written for it; the same for both containers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

FinishReason = Literal["length", "eos_token", "stop_sequence"]


@dataclass(frozen=True)
class Sampling:
    """How a token is drawn; None and 1.0 leave the distribution as it is."""

    seed: int
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    typical_p: float | None = None


@dataclass(frozen=True)
class Generation:
    """How a text is written. Without `sampling` it is the most likely token, and again."""

    max_new_tokens: int
    sampling: Sampling | None = None
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    seconds: float | None = None
    """How long it may take, where the request says so; what there is by then is the answer."""


@dataclass(frozen=True)
class Prompt:
    """A text as the request has it, and what the model reads for it."""

    text: str
    ids: list[int]
    whole: bool = True
    """Whether the ids are all: of a text far over the limit only the beginning is read."""

    @property
    def counted(self) -> int:
        """How many tokens it has at least; half of a beginning's are sure, whatever the cut did to its end."""
        return len(self.ids) if self.whole else len(self.ids) // 2

    @property
    def length(self) -> str:
        """How many tokens it has, in words."""
        return str(self.counted) if self.whole else f"more than {self.counted}"


@dataclass(frozen=True)
class Text:
    """One text to write."""

    prompt: Prompt
    generation: Generation


@dataclass(frozen=True)
class Token:
    """One written token; the texts of all that are not special make up the whole text."""

    id: int
    text: str
    logprob: float
    special: bool


@dataclass
class Written:
    """What the model has written so far; `reason` says why it ended, and is None until then."""

    tokens: list[Token] = field(default_factory=list)
    text: str = ""
    reason: FinishReason | None = None


@dataclass(frozen=True)
class Wanted:
    """A request, read: the texts to write, and how they are told."""

    texts: Sequence[Text]
    stream: bool
    full_text: bool = False
    details: bool = False
    prefill: bool = False
    best: bool = False
    """Whether only the likeliest one of the texts is the answer."""


@dataclass(frozen=True)
class Prefilled:
    """A token that the model read, with the probability that it had; the first one has none."""

    id: int
    text: str
    logprob: float | None
