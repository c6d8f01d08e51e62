"""How far a model can read and write."""

import sys
from typing import Any

# The second is MPT's, the last two are LED's.
_NAMES = (
    "max_position_embeddings",
    "max_seq_len",
    "max_encoder_position_embeddings",
    "max_decoder_position_embeddings",
)
_SIDES = ("encoder", "decoder", "text_config")
"""Configurations inside of one, where a model is made of two others, or reads pictures beside text."""


def most_positions(config: Any) -> int:
    """How many tokens a model of this configuration has places for; beyond counting where they are relative (T5)."""
    parts = [config, *(getattr(config, side, None) for side in _SIDES)]
    found = [getattr(part, name, None) for part in parts for name in _NAMES]
    return min((places for places in found if isinstance(places, int) and places > 0), default=sys.maxsize)


def room(config: Any, prompt: int) -> int:
    """How many tokens a model can write after a prompt of so many: an encoder-decoder writes apart from it."""
    places = most_positions(config)
    return places if config.is_encoder_decoder else max(1, places - prompt)


def switches_at(config: Any) -> int:
    """How many tokens may be read before a whole batch is placed otherwise (longrope); beyond counting where never.

    transformers takes one of two sets of rotary frequencies by the longest row of a batch, for all of its rows.
    """
    ropes = [getattr(part, "rope_parameters", None) or {} for part in (config, getattr(config, "text_config", None))]
    kinds = [kind for rope in ropes for kind in (rope, *rope.values()) if isinstance(kind, dict)]
    found = [kind["original_max_position_embeddings"] for kind in kinds if kind.get("rope_type") == "longrope"]
    return min(found, default=sys.maxsize)
