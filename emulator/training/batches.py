"""Examples to tensors, and a model's logits for their response tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from emulator.training.prompts import Example
from emulator.training.sequence_packing import packs

NOT_A_TARGET = -100


class Batch(NamedTuple):
    """Examples as tensors. B rows; T tokens read; U tokens to predict (U = T for a decoder-only model)."""

    input_ids: Tensor  # (B, T)
    placing: dict[str, Tensor]  # what tells the model which tokens belong together: a mask or positions, (B, T)
    labels: Tensor  # (B, U), the token that each position predicts, NOT_A_TARGET where that is none of a response
    asked: Tensor  # (B, U), the positions that logits are made for: all that predict one, and some more to fill a tile
    read: int  # tokens of the B x T that are not padding


@dataclass(frozen=True)
class Batcher:
    """Makes batches for one model on one device; several examples share a row where the model can be `packed`.

    The numbers of a row's tokens and of the positions asked for are multiples of `tile`.
    """

    encoder_decoder: bool
    pad: int
    device: torch.device
    packed: bool = False
    tile: int = 1

    def batches(self, examples: Sequence[Example], size: int) -> Iterator[Batch]:
        """The examples in their order, `size` a batch."""
        for start in range(0, len(examples), size):
            yield self.batch(examples[start : start + size])

    def batch(self, examples: Sequence[Example]) -> Batch:
        """These examples as one batch, padded on the right."""
        read, labels = zip(*map(self._tokens, examples), strict=True)
        rows = packs([len(tokens) for tokens in read]) if self.packed else [[index] for index in range(len(read))]
        padded_labels = self._padded([_joined(labels, row) for row in rows], NOT_A_TARGET)
        return Batch(
            input_ids=self._padded([_joined(read, row) for row in rows], self.pad),
            placing=self._placing([[len(read[index]) for index in row] for row in rows]),
            labels=padded_labels,
            asked=self._asked(padded_labels),
            read=sum(map(len, read)),
        )

    def _tokens(self, example: Example) -> tuple[list[int], list[int]]:
        """What is read of an example, and its labels: of a sequence all but the last token, and what follows each."""
        if self.encoder_decoder:
            return example.prompt, example.response
        labels = [NOT_A_TARGET] * len(example.prompt) + example.response
        if len(labels) == 1:  # what nothing precedes cannot be predicted
            return example.prompt + example.response, [NOT_A_TARGET]
        return (example.prompt + example.response)[:-1], labels[1:]

    def _placing(self, rows: Sequence[Sequence[int]]) -> dict[str, Tensor]:
        """For rows that hold examples of so many tokens; a token of padding, at position 0, is as one by itself."""
        if not self.packed:
            return {"attention_mask": self._padded([[1] * sum(row) for row in rows], 0)}
        positions = [[place for length in row for place in range(length)] for row in rows]
        return {"position_ids": self._padded(positions, 0)}

    def _asked(self, labels: Tensor) -> Tensor:
        asked = labels != NOT_A_TARGET
        if self.tile > 1:
            missing = -int(asked.sum()) % self.tile
            asked.view(-1)[(~asked).view(-1).nonzero()[:missing, 0]] = True
        return asked

    def _padded(self, rows: Sequence[Sequence[int]], value: int) -> Tensor:
        longest = max(len(row) for row in rows)
        longest += -longest % self.tile
        padded = [[*row, *[value] * (longest - len(row))] for row in rows]
        return torch.tensor(padded, dtype=torch.long).to(self.device)


def _joined(parts: Sequence[list[int]], row: Sequence[int]) -> list[int]:
    return [token for index in row for token in parts[index]]


def response_logits(model: Any, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits (N, V) for the N positions that the batch asks for, and the tokens (N,) that they predict.

    The vocabulary projection runs on the positions that matter only.
    """
    asked = batch.asked
    if model.config.is_encoder_decoder:
        logits = model(input_ids=batch.input_ids, labels=batch.labels, **batch.placing).logits
        return logits[asked], batch.labels[asked]
    # The model itself is called, not its parts: some scale or cap what the projection gives (Gemma 2, Cohere, Granite).
    projection = model.get_output_embeddings()
    hook = projection.register_forward_pre_hook(lambda _, hidden: (hidden[0][asked],))
    try:
        logits = model(input_ids=batch.input_ids, use_cache=False, **batch.placing).logits
    finally:
        hook.remove()
    return logits, batch.labels[asked]
