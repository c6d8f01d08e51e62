"""Linear layers whose weights lie as oneDNN multiplies them fastest, for a model that is only read."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

FEWEST_PARAMETERS = 10_000_000
"""Below, packing gains nothing."""
MOST_PARAMETERS = 500_000_000
"""Above, a second copy of the weights is too much to ask for."""


@contextmanager
def packed_linears(model: Any, rows: int) -> Iterator[None]:
    """Within this context the linear layers of a model in fp32 on a CPU multiply packed copies of their weights.

    Made for products of about so many `rows`; the weights must not change meanwhile. MKL, which torch asks otherwise,
    is two to four times slower with few rows (AMD EPYC). Both compute in fp32. The two operations are those that
    torch.compile freezes linear layers with; a torch without them computes as usual.
    """
    layers = [module for module in model.modules() if type(module) is torch.nn.Linear] if _gains(model) else []
    for layer in layers:
        vars(layer)["forward"] = _packed(layer, rows)
    try:
        yield
    finally:
        for layer in layers:
            del vars(layer)["forward"]


def _gains(model: Any) -> bool:
    weights = next(model.parameters())
    in_reach = weights.device.type == "cpu" and weights.dtype is torch.float32
    known = hasattr(torch.ops.mkldnn, "_reorder_linear_weight") and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return in_reach and known and FEWEST_PARAMETERS <= model.num_parameters() <= MOST_PARAMETERS


@torch.no_grad()
def _packed(layer: torch.nn.Linear, rows: int) -> Any:
    weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), rows)
    return partial(_multiply, weight=weight, bias=layer.bias)


def _multiply(states: torch.Tensor, weight: Any, bias: torch.Tensor | None) -> Any:
    return torch.ops.mkldnn._linear_pointwise(states, weight, bias, "none", [], "")
