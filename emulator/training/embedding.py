"""The gradient of the input embeddings, row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor


@contextmanager
def rows_alone(model: Any) -> Iterator[None]:
    """A forward and a backward pass within this context add to the gradient of the embeddings' rows that were read.

    torch makes a matrix of zeros for the whole vocabulary each time instead, which takes a tenth of a step of a small
    model. On a CPU only: the order in which a GPU adds is not determined.
    """
    embeddings = model.get_input_embeddings()
    if not _is_plain(embeddings):
        yield
        return
    looked_up: list[tuple[Tensor, Tensor]] = []

    def part(_: Any, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        vectors = output.detach().requires_grad_()
        looked_up.append((inputs[0], vectors))
        return vectors.clone()  # some models change what they looked up in place (CTRL), which no leaf allows

    hook = embeddings.register_forward_hook(part)
    try:
        yield
    finally:
        hook.remove()
    for tokens, vectors in looked_up:
        _add(embeddings, tokens, vectors)


def _is_plain(embeddings: Any) -> bool:
    weight = embeddings.weight
    plain = type(embeddings) is torch.nn.Embedding and embeddings.max_norm is None
    return plain and weight.requires_grad and weight.device.type == "cpu"


@torch.no_grad()
def _add(embeddings: Any, tokens: Tensor, vectors: Tensor) -> None:
    if vectors.grad is None:
        return
    read = torch.ones_like(tokens, dtype=torch.bool)
    if embeddings.padding_idx is not None:  # whose row has no gradient
        read = tokens != embeddings.padding_idx
    if embeddings.weight.grad is None:
        embeddings.weight.grad = torch.zeros_like(embeddings.weight)
    embeddings.weight.grad.index_add_(0, tokens[read], vectors.grad[read])
