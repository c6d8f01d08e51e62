"""AdamW on gradients of bounded norm."""

from collections.abc import Sequence

import torch
from torch import Tensor

LARGEST_GRADIENT = 1.0
WEIGHT_DECAY = 0.01


class ClippedAdamW:
    """AdamW (Loshchilov and Hutter, 2019) on gradients whose norm, all weights' together, is at most LARGEST_GRADIENT.

    Clips as `torch.nn.utils.clip_grad_norm_` does, without its pass over all gradients: torch's fused AdamW divides
    each as it reads it, as it does for `torch.amp.GradScaler`.
    """

    def __init__(self, weights: Sequence[torch.nn.Parameter]) -> None:
        self._weights = weights
        self._adamw = torch.optim.AdamW(weights, lr=0.0, weight_decay=WEIGHT_DECAY, fused=True)

    def forget_gradients(self) -> None:
        """Begin a new step."""
        self._adamw.zero_grad()

    def step(self, learning_rate: float) -> None:
        """Change the weights."""
        for group in self._adamw.param_groups:
            group["lr"] = learning_rate
        norm = _norm([weight.grad for weight in self._weights if weight.grad is not None])
        scaled = {"grad_scale": (norm / LARGEST_GRADIENT).clamp(min=1.0), "found_inf": torch.zeros_like(norm)}
        vars(self._adamw).update(scaled)
        self._adamw.step()


def _norm(gradients: Sequence[Tensor]) -> Tensor:
    """The norm of all gradients together."""
    if gradients[0].device.type != "cpu":
        return torch.nn.utils.get_total_norm(gradients)
    flat = [gradient.flatten() for gradient in gradients]  # a dot product takes half as long as a norm
    return torch.stack([torch.dot(gradient, gradient) for gradient in flat]).sum().sqrt()
