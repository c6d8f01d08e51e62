"""What the model keeps of the rows that it has read: rows leave, and others join them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import EncoderDecoderCache

from emulator.generation.roomy_layer import RoomyLayer, is_plain, make_roomy, widened


@dataclass
class Past:
    """Keys and values of rows that are padded on the left to a common length, so that all end in the same column.

    `mask` (B, T) is that of the decoder; an encoder-decoder has what its encoder made of the prompts beside it, with
    the padding wherever its mask says.
    """

    mask: Tensor
    cache: Any
    encoded: Tensor | None = None
    encoded_mask: Tensor | None = None
    can_join: bool = False
    """Whether all of the cache is a plain row of columns, to which others can be put."""

    def make_room(self) -> None:
        """Once the prompts are read, have columns to come written in place, where the cache is of a kind for that."""
        self.can_join = is_plain(self._own)
        if self.can_join:
            for cache in self._caches:
                make_roomy(cache.layers)

    def keep(self, rows: Tensor) -> None:
        """Forget all rows but these, which stand in this order from now on, and the columns of the others alone."""
        self.mask = self.mask[rows]
        self.cache.batch_select_indices(rows)
        if self.encoded is not None and self.encoded_mask is not None:
            self.encoded, self.encoded_mask = self.encoded[rows], self.encoded_mask[rows]
        spare = int(self.mask.any(dim=0).to(self.mask.dtype).argmax()) if self.can_join else 0
        if spare:
            self.mask = self.mask[:, spare:]
            for layer in _roomy(self._own):
                layer.drop_columns(spare)

    def join(self, others: Sequence["Past"]) -> None:
        """Take in the rows of other ones, after those that are here."""
        pasts = [self, *others]
        width = max(past.mask.shape[1] for past in pasts)
        for layers in zip(*(_roomy(past._own) for past in pasts), strict=True):
            layers[0].join(layers[1:], width)
        self.mask = torch.cat([widened(past.mask, width, 1) for past in pasts])
        if self.encoded is not None:
            masks = [past.encoded_mask for past in pasts if past.encoded_mask is not None]
            encoded = [past.encoded for past in pasts if past.encoded is not None]
            width = max(mask.shape[1] for mask in masks)
            for layers in zip(*(_roomy(past._cross) for past in pasts), strict=True):
                layers[0].join(layers[1:], width)
            self.encoded = torch.cat([widened(part, width, 1) for part in encoded])
            self.encoded_mask = torch.cat([widened(part, width, 1) for part in masks])

    @property
    def _own(self) -> list[Any]:
        layers: list[Any] = self._caches[0].layers
        return layers

    @property
    def _cross(self) -> list[Any]:
        """Of an encoder-decoder: what its decoder reads of the encoded prompts."""
        return [layer for cache in self._caches[1:] for layer in cache.layers]

    @property
    def _caches(self) -> list[Any]:
        if isinstance(self.cache, EncoderDecoderCache):
            return [self.cache.self_attention_cache, self.cache.cross_attention_cache]
        return [self.cache]


def _roomy(layers: list[Any]) -> list[RoomyLayer]:
    return [layer for layer in layers if isinstance(layer, RoomyLayer)]
