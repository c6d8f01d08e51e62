"""One request while it is being answered."""

from typing import Any, Protocol

from emulator import errors
from emulator.inference.engine import Engine
from emulator.inference.form import Form, Results
from emulator.inference.row import Row
from emulator.inference.wanted import Token, Wanted


class Answering(Protocol):
    """Where answers go."""

    def refuse(self, number: int, refusal: errors.ContainerError) -> None:
        """Answer a request with an error."""

    def part(self, number: int, content: bytes, content_type: str) -> None:
        """Send a part of an answer."""

    def end(self, number: int) -> None:
        """Say that an answer is whole."""


class Request:
    """A request with the rows that are written for it; its listener is called by the thread that writes."""

    def __init__(self, number: int, wanted: Wanted, form: Form, answering: Answering) -> None:
        self._number = number
        self._wanted = wanted
        self._form = form
        self._answering = answering
        self._rows: list[Row] = []
        self._over = False

    def rows(self, tokenizer: Any, engine: Engine) -> list[Row]:
        """The rows to be written."""
        self._rows = [Row(text, tokenizer, self._told, self._failed) for text in self._wanted.texts]
        self._prefill = engine.prefill
        return self._rows

    def cancel(self) -> None:
        """Nobody waits for it any more: what is not written yet will not be."""
        self._over = True
        for row in self._rows:
            row.cancelled = True

    def _told(self, row: Row, token: Token) -> None:
        if self._over:
            return
        if self._wanted.stream:
            self._answering.part(
                self._number, self._form.part(self._wanted, token, row.written), self._form.stream_type
            )
        if all(one.written.reason is not None for one in self._rows):
            if not self._wanted.stream:
                self._answer()
            self._over = True  # not before: an answer that breaks is told, too
            self._answering.end(self._number)

    def _answer(self) -> None:
        prefill = self._prefill(self._rows[0]) if self._wanted.prefill else []
        results = Results([row.written for row in self._rows], prefill)
        self._answering.part(self._number, self._form.answer(self._wanted, results), "application/json")

    def _failed(self, _: Row, problem: errors.ContainerError) -> None:
        if not self._over:
            self.cancel()
            self._answering.refuse(self._number, problem)
