"""Rows that take their steps together; others join them between two steps.

transformers' own continuous batching (5.23) was measured first: on a CPU it took 21 to 37 seconds for what one row
after the other takes 0.9 seconds for (16 prompts, 32 tokens, the tiny decoder), it has no encoder-decoders, and all its
rows share one seed.
"""

import logging
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from emulator import errors
from emulator.generation.out_of_memory import is_out_of_memory
from emulator.generation.reader import Reader
from emulator.inference.lone_reader import LoneReader
from emulator.inference.row import Row

logger = logging.getLogger(__name__)


class Batch:
    """Rows whose keys and values are in one cache."""

    def __init__(self, reader: Reader | LoneReader, rows: Sequence[Row], ends: frozenset[int]) -> None:
        self._reader = reader
        self._ends = ends
        self.rows = list(rows)
        self._tokens = torch.empty(0, dtype=torch.long)
        self._past, logits = reader.read([row.wanted.prompt.ids for row in rows])
        self._choose(logits)

    @property
    def can_join(self) -> bool:
        """Whether another batch can become part of this one."""
        return self._reader.can_join(self._past)

    @property
    def width(self) -> int:
        """Columns of the cache: what a row takes of it, whatever its own length."""
        encoded = 0 if self._past.encoded_mask is None else self._past.encoded_mask.shape[1]
        return self._past.mask.shape[1] + encoded

    def join(self, other: "Batch") -> None:
        """Take in the rows of another one."""
        self._past.join([other._past])
        self._tokens = torch.cat([self._tokens, other._tokens])
        self.rows += other.rows

    def step(self) -> None:
        """One more token for every row."""
        self._choose(self._reader.follow(self._past, self._tokens))

    def _choose(self, logits: Tensor) -> None:
        best = logits.argmax(dim=-1)
        likely: Any = logits.float().log_softmax(dim=-1).gather(1, best[:, None])[:, 0].tolist()
        tokens = best.tolist()
        for index, row in enumerate(self.rows):
            try:
                if not row.chooser.is_plain:
                    tokens[index], likely[index] = row.chooser.choose(logits[index])
                row.add(tokens[index], likely[index], ends_text=tokens[index] in self._ends)
            except Exception as problem:  # its own: whatever one row asks for, the others go on
                logger.exception("a row broke")
                row.fail(refusal_of(problem))
        going_on = [index for index, row in enumerate(self.rows) if row.written.reason is None and not row.cancelled]
        self._tokens = torch.tensor([tokens[index] for index in going_on], device=self._reader.device)
        if going_on and len(going_on) < len(self.rows):
            self._past.keep(torch.tensor(going_on, device=self._reader.device))
        self.rows = [self.rows[index] for index in going_on]


def refusal_of(problem: Exception) -> errors.ContainerError:
    """What is told of a row that broke."""
    if isinstance(problem, errors.ContainerError):
        return problem
    if isinstance(problem, RuntimeError) and is_out_of_memory(problem):
        return errors.generation_failed("out of memory")
    return errors.generation_failed(f"{type(problem).__name__}: {problem}".splitlines()[0])
