"""Weights in the precision that they are multiplied in, and their fp32 masters, which the optimizer changes."""

from functools import partial
from typing import Any

import torch
from torch import Tensor


class MasterWeights:
    """The weights of a model, which holds copies of lower precision while it trains.

    With fp32 weights `torch.autocast` converts weights and activations before every product: on a CPU a fifth of a
    step. What is trained is held in `dtype`; the linear layers under adapters, which are not, in `frozen_dtype`.
    """

    def __init__(self, model: Any, dtype: torch.dtype, frozen_dtype: torch.dtype) -> None:
        self._dtype = dtype
        self._frozen_dtype = frozen_dtype
        self._trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        for parameter in self._trained:
            if parameter.device.type == "cpu":  # it lies in its file, and a first change to each page costs ten copies
                parameter.data = parameter.data.clone()
        low = dtype is not torch.float32
        self._masters = [torch.nn.Parameter(parameter.data) for parameter in self._trained] if low else []
        self._kept: dict[int, Tensor] = {}
        self._hooks: list[Any] = []
        self._frozen = [module.base_layer.weight for module in model.modules() if hasattr(module, "base_layer")]
        self._whole = [weight.data for weight in self._frozen]

    @property
    def in_fp32(self) -> list[torch.nn.Parameter]:
        """What the optimizer changes."""
        return self._masters or self._trained

    def gradient_of(self, parameter: torch.nn.Parameter) -> Tensor:
        """What collects the gradient of a weight of the model; zeros where there is none yet."""
        places = (place for place, trained in enumerate(self._trained) if trained is parameter)
        place = next(places, None) if self._masters else None
        holder = parameter if place is None else self._masters[place]
        if holder.grad is None:
            holder.grad = torch.zeros_like(holder) if place is None else self._room(place).zero_()
        return holder.grad

    def lower(self) -> None:
        """Give the model its weights in the precision of the products; their gradients go to the masters then."""
        for parameter, master in zip(self._trained, self._masters, strict=False):
            if parameter.dtype is self._dtype:
                parameter.data.copy_(master.data)
            else:
                parameter.data = master.data.to(self._dtype)
        for weight in self._frozen:
            weight.data = weight.data.to(self._frozen_dtype)
        if not self._hooks:
            self._hooks = [
                parameter.register_post_accumulate_grad_hook(partial(self._hand_over, place))
                for place, parameter in enumerate(self._trained[: len(self._masters)])
            ]

    def restore(self) -> None:
        """Give the model the masters themselves: it is as if it had never had others."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        for parameter, master in zip(self._trained, self._masters, strict=False):
            parameter.data = master.data
        for weight, whole in zip(self._frozen, self._whole, strict=True):
            weight.data = whole

    @torch.no_grad()
    def _hand_over(self, place: int, parameter: torch.nn.Parameter) -> None:
        """Add a gradient to its master's, in fp32, as soon as it is there, so that the next one is written over it."""
        found, parameter.grad = parameter.grad, None
        master = self._masters[place]
        if found is None:
            return
        if master.grad is None:
            master.grad = self._room(place).copy_(found)
        else:
            master.grad.add_(found)

    def _room(self, place: int) -> Tensor:
        """For a master's gradient: the same in all steps, since memory that is touched first costs more than a sum."""
        if place not in self._kept:
            self._kept[place] = torch.empty_like(self._masters[place])
        return self._kept[place]
