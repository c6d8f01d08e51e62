"""Greedy decoding of many prompts at once: the most likely token, and again, until each row has ended.

It writes what transformers' `generate` writes for a model whose generation configuration asks for nothing but the most
likely token, as `load_model` makes it. A row that has ended leaves the batch, and nothing but the model's own
forward pass is paid per token, which for a small model is a fraction of what `generate` takes.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from emulator.generation.positions import room
from emulator.generation.reader import Reader


@torch.no_grad()
def decode_greedily(model: Any, prompts: Sequence[Sequence[int]], pad: int, max_new_tokens: int) -> list[list[int]]:
    """What the model writes after each prompt, as token ids; a row's end-of-text token is its last.

    A row ends, too, where the model has no further position.
    """
    reader = Reader(model, pad)
    alive = torch.arange(len(prompts), device=model.device)
    written = alive.new_full((len(prompts), max_new_tokens), pad)
    lengths = torch.zeros_like(alive)
    limits = alive.new_tensor([min(max_new_tokens, room(model.config, len(prompt))) for prompt in prompts])
    ends = alive.new_tensor(sorted(reader.ends))
    past, logits = reader.read(prompts)
    for step in range(max_new_tokens):
        tokens = logits.argmax(dim=-1)
        written[alive, step] = tokens
        lengths[alive] = step + 1
        going_on = ~torch.isin(tokens, ends) & (limits[alive] > step + 1)
        rows = _moved_up(going_on)
        if len(rows) == 0:
            break
        if len(rows) < len(alive):
            alive, tokens = alive[rows], tokens[rows]
            past.keep(rows)
        logits = reader.follow(past, tokens)
    return [row[:length] for row, length in zip(written.tolist(), lengths.tolist(), strict=True)]


def _moved_up(going_on: Tensor) -> Tensor:
    """The rows that go on, in an order in which most stay where they are: the last ones take the places of the others.

    `going_on` (B,) is a boolean.
    """
    rows = going_on.nonzero()[:, 0]
    order = torch.arange(len(rows), device=rows.device)
    order[~going_on[: len(rows)]] = rows[rows >= len(rows)]
    return order
