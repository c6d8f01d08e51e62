"""Rows that go through a model by themselves, because in a batch, or with what it keeps, it would write other texts."""

import inspect
import sys
from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import DynamicCache

from emulator.generation.positions import most_positions, room, switches_at

_KEEPING: dict[type, bool] = {}
"""What has been found out of each class of models, by a forward pass."""


def alone_above(model: Any) -> int:
    """Of how many tokens, those to be written included, a row has to be more to go alone; beyond counting for most."""
    if not keeps_past(model):
        return 0
    switch = switches_at(model.config)
    return switch if switch < most_positions(model.config) else sys.maxsize


@torch.no_grad()
def keeps_past(model: Any) -> bool:
    """Whether a model hands over keys and values and no more; others keep a state (Mamba, RWKV, Jamba), or nothing."""
    kind = type(model)
    if kind not in _KEEPING:
        _KEEPING[kind] = model.config.is_encoder_decoder or _hands_over_past(model)
    return _KEEPING[kind]


def _hands_over_past(model: Any) -> bool:
    if "past_key_values" not in inspect.signature(model.forward).parameters:
        return False
    output = model(input_ids=torch.zeros((1, 1), dtype=torch.long, device=model.device), use_cache=True)
    past = getattr(output, "past_key_values", None)
    return type(past) is DynamicCache and not any(hasattr(layer, "update_recurrent_state") for layer in past.layers)


@torch.no_grad()
def continue_alone(model: Any, prompt: Sequence[int], max_new_tokens: int) -> list[int]:
    """What transformers' own `generate` writes after one prompt, as far as the model has places."""
    ids = torch.tensor([list(prompt)], device=model.device)
    longest = min(max_new_tokens, room(model.config, len(prompt)))
    mask = torch.ones_like(ids)
    made = model.generate(input_ids=ids, attention_mask=mask, do_sample=False, max_new_tokens=longest)
    tokens: list[int] = made[0].tolist()
    return tokens[1:] if model.config.is_encoder_decoder else tokens[len(prompt) :]
