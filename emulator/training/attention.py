"""Which implementation of attention trains fastest."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

LONGEST_EAGER = 256
"""Tokens of a row up to which plain matrix products beat torch's fused kernel on a CPU, in its backward pass above all.

Measured: a fifth to a third of a fit at 65 tokens. What they take of memory grows with the square.
"""


@contextmanager
def attention_for_training(model: Any, device: torch.device, longest_row: int) -> Iterator[None]:
    """Within this context the model computes attention as is best for training on rows of up to so many tokens."""
    usual = model.config._attn_implementation
    if device.type != "cpu" or longest_row > LONGEST_EAGER or usual == "eager":
        yield
        return
    model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(usual)
