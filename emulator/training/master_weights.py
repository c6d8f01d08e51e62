"""Weights in the precision that they are multiplied in, and their fp32 masters, which the optimizer changes."""

from typing import Any

import torch


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
        # Adapters of an expert's weights, which lie together in one parameter, are around no linear layer.
        under = [getattr(module, "base_layer", None) for module in model.modules()]
        self._frozen = [layer.weight for layer in under if isinstance(layer, torch.nn.Linear)]
        self._whole = [weight.data for weight in self._frozen]

    @property
    def in_fp32(self) -> list[torch.nn.Parameter]:
        """What the optimizer changes."""
        return self._masters or self._trained

    def lower(self) -> None:
        """Give the model its weights in the precision of the products."""
        for parameter, master in zip(self._trained, self._masters, strict=False):
            if parameter.dtype is self._dtype:
                parameter.data.copy_(master.data)
            else:
                parameter.data = master.data.to(self._dtype)
        for weight in self._frozen:
            weight.data = weight.data.to(self._frozen_dtype)

    def restore(self) -> None:
        """Give the model the masters themselves: it is as if it had never had others."""
        for parameter, master in zip(self._trained, self._masters, strict=False):
            parameter.grad = None
            parameter.data = master.data
        for weight, whole in zip(self._frozen, self._whole, strict=True):
            weight.data = whole

    @torch.no_grad()
    def collect_gradients(self) -> None:
        """Add the model's gradients to those of the masters, in fp32."""
        for parameter, master in zip(self._trained, self._masters, strict=False):
            if parameter.grad is None:
                continue
            if master.grad is None:
                master.grad = parameter.grad.to(master.dtype)
            else:
                master.grad.add_(parameter.grad)
            parameter.grad = None
