"""The weights of the best epoch, kept while the training goes on."""

from typing import Any

import torch

from emulator.training.metrics import Loss


class KeptWeights:
    """Keeps a copy of the trained weights whenever the validation loss falls."""

    def __init__(self, model: Any) -> None:
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._copies: list[torch.Tensor] | None = None
        self.loss: Loss | None = None
        self.epoch = 0

    def offer(self, epoch: int, validation_loss: Loss, *, last: bool) -> None:
        """Keep the present weights if they are the best so far; the last ones stay where they are."""
        if self.loss is None or validation_loss.mean < self.loss.mean:
            self.epoch, self.loss = epoch, validation_loss
            self._copies = None if last else [parameter.detach().clone() for parameter in self._parameters]

    @torch.no_grad()
    def restore(self) -> None:
        """Put the best weights into the model."""
        if self._copies is not None:
            for parameter, copy in zip(self._parameters, self._copies, strict=True):
                parameter.copy_(copy)
