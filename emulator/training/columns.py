"""Columns of padding, which a cache of keys and values has where rows of unequal length are read together."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from transformers.cache_utils import DynamicLayer


def are_plain(layers: Sequence[Any]) -> bool:
    """Whether a cache's layers are plain rows of columns, of which some can be dropped."""
    return all(type(layer) is DynamicLayer for layer in layers)


def without_padding(mask: Tensor, layers: Sequence[Any]) -> Tensor:
    """Drop the columns on the left in which no row has a token, from plain layers and the mask, which is returned."""
    spare = int(mask.any(dim=0).to(mask.dtype).argmax())
    if spare:
        for layer in layers:
            if not layer.is_initialized:  # it shares another one's keys and values
                continue
            layer.keys, layer.values = layer.keys[:, :, spare:], layer.values[:, :, spare:]
    return mask[:, spare:]
