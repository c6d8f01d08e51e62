"""What the model keeps of the rows that it has read: rows leave, and others join them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import EncoderDecoderCache

from emulator.training.columns import are_plain, without_padding


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

    def keep(self, rows: Tensor) -> None:
        """Forget all rows but these, and the columns that were for the others alone."""
        self.mask = self.mask[rows]
        self.cache.batch_select_indices(rows)
        if self.encoded is not None and self.encoded_mask is not None:
            self.encoded, self.encoded_mask = self.encoded[rows], self.encoded_mask[rows]
        if self.can_join:
            self.mask = without_padding(self.mask, self._own_layers())

    @property
    def can_join(self) -> bool:
        """Whether all of the cache is a plain row of columns, to which others can be put."""
        return are_plain(self._own_layers())

    def join(self, other: "Past") -> None:
        """Take in the rows of another one, after those that are here."""
        width = max(self.mask.shape[1], other.mask.shape[1])
        self.mask = torch.cat([_widened(self.mask, width, 1), _widened(other.mask, width, 1)])
        for mine, theirs in zip(self._own_layers(), other._own_layers(), strict=True):
            _join_layers(mine, theirs, width)
        if self.encoded is not None and self.encoded_mask is not None:
            assert other.encoded is not None and other.encoded_mask is not None  # noqa: S101, PT018 - the same model's
            width = max(self.encoded_mask.shape[1], other.encoded_mask.shape[1])
            self.encoded = torch.cat([_widened(self.encoded, width, 1), _widened(other.encoded, width, 1)])
            self.encoded_mask = torch.cat(
                [_widened(part, width, 1) for part in (self.encoded_mask, other.encoded_mask)]
            )
            for mine, theirs in zip(self._cross_layers(), other._cross_layers(), strict=True):
                _join_layers(mine, theirs, width)

    def _own_layers(self) -> list[Any]:
        cache = self.cache.self_attention_cache if isinstance(self.cache, EncoderDecoderCache) else self.cache
        layers: list[Any] = cache.layers
        return layers

    def _cross_layers(self) -> list[Any]:
        layers: list[Any] = self.cache.cross_attention_cache.layers
        return layers


def _join_layers(mine: Any, theirs: Any, width: int) -> None:
    mine.keys = torch.cat([_widened(mine.keys, width, 2), _widened(theirs.keys, width, 2)])
    mine.values = torch.cat([_widened(mine.values, width, 2), _widened(theirs.values, width, 2)])


def _widened(tensor: Tensor, width: int, dimension: int) -> Tensor:
    """With zeros before it, up to a width."""
    lacking = width - tensor.shape[dimension]
    if not lacking:
        return tensor
    shape = list(tensor.shape)
    shape[dimension] = lacking
    return torch.cat([tensor.new_zeros(shape), tensor], dim=dimension)
