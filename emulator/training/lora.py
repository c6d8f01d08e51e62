"""Low-rank adapters (LoRA) for models too large to be trained whole, merged into the weights at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from emulator import errors

LARGEST_WHOLE = 1_000_000_000
"""Parameters of the largest model of which every weight is trained."""
RANK = 16
ALPHA = 32


def takes_adapters(model: Any, largest_whole: int = LARGEST_WHOLE) -> bool:
    """Whether a model is too large to be trained whole."""
    too_large: bool = model.num_parameters() > largest_whole
    return too_large


def method(model: Any, largest_whole: int = LARGEST_WHOLE) -> str:
    """How a model is fine-tuned, for people."""
    if not takes_adapters(model, largest_whole):
        return "full: every weight is trained"
    return f"LoRA: rank {RANK}, alpha {ALPHA}, on all linear layers but the last; merged into the weights"


@contextmanager
def trainable(model: Any, largest_whole: int = LARGEST_WHOLE) -> Iterator[None]:
    """Within this context a model above the limit has adapters, and they alone want a gradient.

    Afterwards they are part of its weights. Raises JobFailure where the package peft is missing.
    """
    if not takes_adapters(model, largest_whole):
        yield
        return
    try:
        from peft import LoraConfig, LoraModel
    except ImportError as problem:
        raise errors.training_unavailable(str(problem)) from problem
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules="all-linear")
    adapted = LoraModel(model, config, "default")
    yield
    adapted.merge_and_unload()
    model.requires_grad_(True)
