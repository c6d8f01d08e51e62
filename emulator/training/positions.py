"""How far a model can read and write."""

import sys
from typing import Any

_NAMES = ("max_position_embeddings", "max_seq_len")  # the second is MPT's


def most_positions(config: Any) -> int:
    """How many tokens a model of this configuration has places for; beyond counting where they are relative (T5)."""
    found = [getattr(config, name, None) for name in _NAMES]
    return min((places for places in found if isinstance(places, int) and places > 0), default=sys.maxsize)


def room(config: Any, prompt: int) -> int:
    """How many tokens a model can write after a prompt of so many: an encoder-decoder writes apart from it."""
    places = most_positions(config)
    return places if config.is_encoder_decoder else max(1, places - prompt)
