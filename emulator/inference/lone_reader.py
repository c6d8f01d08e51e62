"""A model's forward pass for one row by itself, as transformers' `generate` does it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from emulator.generation.lone_rows import keeps_past
from emulator.generation.past import Past


@dataclass
class LonePast(Past):
    """All tokens of one row, with keys and values of them where the model hands those over."""

    ids: Tensor = field(kw_only=True)


class LoneReader:
    """Reads one row, and gives logits (1, V) of what comes next; `generate` knows what else a model is to be told."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._keeps_past = keeps_past(model)
        self.device: torch.device = model.device

    def can_join(self, _: Past) -> bool:
        """Whether other rows can be put to one."""
        return False

    def read(self, prompts: Sequence[Sequence[int]]) -> tuple[Past, Tensor]:
        """Read the prompt of a new row."""
        (prompt,) = prompts
        ids = torch.tensor([list(prompt)], device=self.device)
        past = LonePast(torch.ones_like(ids), None, ids=ids)
        return past, self._next(past)

    def follow(self, past: Past, tokens: Tensor) -> Tensor:
        """Read one more token."""
        assert isinstance(past, LonePast)  # noqa: S101 - this reader's own
        past.ids = torch.cat([past.ids, tokens[:, None]], dim=1)
        past.mask = torch.ones_like(past.ids)
        return self._next(past)

    def _next(self, past: LonePast) -> Tensor:
        kept = {} if past.cache is None else {"past_key_values": past.cache}
        made = self._model.generate(
            input_ids=past.ids,
            attention_mask=past.mask,
            do_sample=False,
            max_new_tokens=1,
            output_logits=True,
            return_dict_in_generate=True,
            **kept,
        )
        past.cache = made.past_key_values if self._keeps_past else None
        logits: Tensor = made.logits[0]
        return logits
