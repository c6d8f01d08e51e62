"""Cells far beyond what a model can read, cut as they are read: a megabyte of text is neither kept nor tokenized."""

from dataclasses import dataclass
from typing import Any

from emulator.training.dataset import Row


@dataclass(frozen=True)
class CellLimit:
    """How many characters of a cell can matter: those of the longest tokens, as many as the model reads and one more.

    So a row that is cut here is still over the model's limit in tokens, and counts as truncated. An encoder-decoder
    reads the beginning of a long prompt, a decoder-only model its end (`PromptFormat`).
    """

    characters: int
    keeps_end_of_input: bool

    def cut(self, row: Row) -> Row:
        """The row, with what matters of its cells."""
        begin = max(0, len(row.input) - self.characters) if self.keeps_end_of_input else 0
        return Row(row.input[begin : begin + self.characters], row.output[: self.characters])


def cell_limit(tokenizer: Any, context: int, *, encoder_decoder: bool) -> CellLimit:
    """The limit for a model that reads `context` tokens of this tokenizer."""
    longest = max(len(token) for token in tokenizer.get_vocab())
    return CellLimit((context + 1) * longest, keeps_end_of_input=not encoder_decoder)
