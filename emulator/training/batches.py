"""Examples to padded tensors, and a model's logits for their response tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from emulator.training.prompts import Example

NOT_A_TARGET = -100


class Batch(NamedTuple):
    """Padded examples. B rows; T tokens read; U tokens to predict (U = T for a decoder-only model)."""

    input_ids: Tensor  # (B, T)
    attention_mask: Tensor  # (B, T)
    labels: Tensor  # (B, U), NOT_A_TARGET where no response token is


@dataclass(frozen=True)
class Batcher:
    """Makes batches for one model on one device."""

    encoder_decoder: bool
    pad: int
    device: torch.device

    def batches(self, examples: Sequence[Example], size: int) -> Iterator[Batch]:
        """The examples in their order, `size` rows a batch, padded on the right."""
        for start in range(0, len(examples), size):
            yield self.batch(examples[start : start + size])

    def batch(self, rows: Sequence[Example]) -> Batch:
        """These rows as one batch."""
        if self.encoder_decoder:
            read = [row.prompt for row in rows]
            labels = [row.response for row in rows]
        else:
            read = [row.prompt + row.response for row in rows]
            labels = [[NOT_A_TARGET] * len(row.prompt) + row.response for row in rows]
        targets = _padded(labels, NOT_A_TARGET)
        if not self.encoder_decoder:
            targets[:, 0] = NOT_A_TARGET  # what nothing precedes cannot be predicted
        return Batch(
            input_ids=_padded(read, self.pad).to(self.device),
            attention_mask=_padded([[1] * len(row) for row in read], 0).to(self.device),
            labels=targets.to(self.device),
        )


def response_logits(model: Any, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits (N, V) for the batch's N response tokens, and the tokens (N,) themselves.

    The vocabulary projection runs on the positions that matter only.
    """
    if model.config.is_encoder_decoder:
        logits = model(**batch._asdict()).logits
        targets = batch.labels != NOT_A_TARGET
        return logits[targets], batch.labels[targets]
    next_tokens = batch.labels[:, 1:]  # position t predicts token t + 1
    targets = next_tokens != NOT_A_TARGET
    # The model itself is called, not its parts: some scale or cap what the projection gives (Gemma 2, Cohere, Granite).
    projection = model.get_output_embeddings()
    hook = projection.register_forward_pre_hook(lambda _, hidden: (hidden[0][:, :-1][targets],))
    try:
        logits = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, use_cache=False).logits
    finally:
        hook.remove()
    return logits, next_tokens[targets]


def _padded(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    longest = max(len(row) for row in rows)
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])
