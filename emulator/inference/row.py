"""One text that is being written."""

import logging
import time
from collections.abc import Callable
from typing import Any

from emulator import errors
from emulator.inference.choice import Chooser
from emulator.inference.telling import Telling
from emulator.inference.wanted import FinishReason, Text, Token, Written

logger = logging.getLogger(__name__)

Listener = Callable[["Row", Token], None]


class Row:
    """A text on its way: what to read, how to choose, what has been written, and who is told of it.

    `told` is called with each token; `failed` once, in its stead, where the text cannot be written to its end.
    """

    def __init__(
        self, text: Text, tokenizer: Any, told: Listener, failed: Callable[["Row", errors.ContainerError], None]
    ) -> None:
        self.wanted = text
        self.written = Written()
        self.chooser = Chooser(text.generation, text.prompt.ids)
        self.cancelled = False
        self._failed = failed
        self._told = told
        self._telling = Telling(tokenizer)
        seconds = text.generation.seconds
        self._ends = float("inf") if seconds is None else time.monotonic() + seconds
        self._tail = ""

    @property
    def most_tokens(self) -> int:
        """For how many tokens it may have to keep keys and values."""
        return len(self.wanted.prompt.ids) + self.wanted.generation.max_new_tokens

    def add(self, token: int, logprob: float, *, ends_text: bool) -> None:
        """Write one more token, and tell it; `reason` of `written` is set when it is the last."""
        last = ends_text or len(self._telling.ids) + 1 >= self.wanted.generation.max_new_tokens
        told = self._telling.add(token, logprob, last=last)
        self.written.reason = self._reason(told, ends_text=ends_text, last=last)
        self.written.tokens.append(told)
        if self.written.reason is not None:
            self.written.text = self._telling.text
        self._told(self, told)

    def fail(self, problem: errors.ContainerError) -> None:
        """Write no further: whoever waits for the text is told why."""
        self.cancelled = True
        try:
            self._failed(self, problem)
        except Exception:
            logger.exception("a row's failure could not be told")

    def _reason(self, told: Token, *, ends_text: bool, last: bool) -> FinishReason | None:
        if ends_text:
            return "eos_token"
        if self._stops(told):
            return "stop_sequence"
        return "length" if last or time.monotonic() >= self._ends else None

    def _stops(self, told: Token) -> bool:
        """Whether the text now ends with a stop sequence, which stays in it (as the TGI container leaves it)."""
        stop = self.wanted.generation.stop
        if not stop:
            return False
        self._tail = (self._tail + told.text)[-max(map(len, stop)) - len(told.text) :]
        return self._tail.endswith(stop)
