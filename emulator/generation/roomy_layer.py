"""Keys and values of the columns that were read, with room for those to come."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicLayer

ROOM = 64
"""Columns for which there is room at a time: once in so many tokens all of a layer is copied."""


class RoomyLayer(DynamicLayer):  # type: ignore[no-untyped-call]
    """One layer's keys and values, each (B, H, T, D); transformers' own layer copies all of them for every token."""

    keys: Tensor
    values: Tensor
    _stored: list[Tensor]

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.dtype, self.device = keys.dtype, keys.device
        self.is_initialized = True
        self._hold(keys, values)

    @property
    def _columns(self) -> int:
        return int(self.keys.shape[2])

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Put columns to the others; gives all of them."""
        begin, end = self._columns, self._columns + key_states.shape[2]
        if end > self._stored[0].shape[2]:
            self._stored = [_with_room(part, end + ROOM) for part in (self.keys, self.values)]
        for stored, states in zip(self._stored, (key_states, value_states), strict=True):
            stored[:, :, begin:end] = states
        self._show(end)
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows, in this order; a row that stays where it is costs nothing."""
        moved = (indices != torch.arange(len(indices), device=indices.device)).nonzero()[:, 0]
        for part in (self.keys, self.values):
            part[moved] = part[indices[moved]]
        self._stored = [stored[: len(indices)] for stored in self._stored]
        self._show(self._columns)

    def drop_columns(self, count: int) -> None:
        """Forget so many columns on the left."""
        columns = self._columns - count
        self._stored = [stored[:, :, count:] for stored in self._stored]
        self._show(columns)

    def join(self, others: Sequence["RoomyLayer"], width: int) -> None:
        """Take over the rows of other layers after those that are here, padded on the left to a width."""
        layers = (self, *others)
        keys = torch.cat([widened(layer.keys, width, 2) for layer in layers])
        values = torch.cat([widened(layer.values, width, 2) for layer in layers])
        self._hold(keys, values)
        for layer in others:
            layer._hold(keys[:0], values[:0])  # only one layer at a time is there twice

    def _hold(self, keys: Tensor, values: Tensor) -> None:
        self._stored = [keys, values]
        self._show(keys.shape[2])

    def _show(self, columns: int) -> None:
        self.keys, self.values = (stored[:, :, :columns] for stored in self._stored)


def is_plain(layers: Sequence[Any]) -> bool:
    """Whether all layers of a cache are rows of columns: others can be put to them, and some dropped."""
    return all(type(layer) is DynamicLayer for layer in layers)


def make_roomy(layers: list[Any]) -> None:
    """Replace the layers of a plain cache by ones with room."""
    for place, layer in enumerate(layers):
        if layer.is_initialized:  # else it shares another one's keys and values
            layers[place] = RoomyLayer(layer.keys, layer.values)


def widened(tensor: Tensor, width: int, dimension: int) -> Tensor:
    """With zeros before it, up to a width."""
    lacking = width - tensor.shape[dimension]
    if not lacking:
        return tensor
    shape = list(tensor.shape)
    shape[dimension] = lacking
    return torch.cat([tensor.new_zeros(shape), tensor], dim=dimension)


def _with_room(tensor: Tensor, columns: int) -> Tensor:
    roomy = tensor.new_empty((*tensor.shape[:2], columns, tensor.shape[3]))
    roomy[:, :, : tensor.shape[2]] = tensor
    return roomy
