"""One optimizer step, in as many parts as the memory asks for; the parts change no more than rounding."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
import torch._dynamo  # the first optimizer step would import it, a second later

from emulator import errors
from emulator.generation.out_of_memory import is_out_of_memory, release
from emulator.training.attention import attention_for_training
from emulator.training.batches import NOT_A_TARGET, Batch, Batcher, response_logits
from emulator.training.device import frozen_dtype, product_tile, training_precision, working_dtype
from emulator.training.embedding import rows_alone
from emulator.training.master_weights import MasterWeights
from emulator.training.memory import CPU_TOKENS, check_room, longest, portions
from emulator.training.metrics import Loss
from emulator.training.optimizer import ClippedAdamW
from emulator.training.prompts import Example

logger = logging.getLogger(__name__)


class Updater:
    """Trains the weights of a model that want a gradient, with AdamW."""

    def __init__(self, model: Any, batcher: Batcher) -> None:
        self._model = model
        self._of = batcher.device, model.num_parameters()
        # Rows that are not packed may have no place for padding beyond the longest.
        self._batcher = replace(batcher, tile=product_tile(*self._of)) if batcher.packed else batcher
        self._weights = MasterWeights(model, working_dtype(*self._of), frozen_dtype(*self._of))
        check_room(self._weights.in_fp32, batcher.device)
        self._optimizer = ClippedAdamW(self._weights.in_fp32)
        self._most_tokens = CPU_TOKENS if batcher.device.type == "cpu" else None
        self._most_rows: int | None = None

    def step(self, rows: Sequence[Example], learning_rate: float) -> Loss:
        """Learn from a batch, and return its loss before that. Raises JobFailure where one row is too much.

        Where memory runs out, this batch and all later ones go through the model in smaller parts.
        """
        while True:
            size = min(self._most_rows or len(rows), len(rows))
            try:
                self._weights.lower()
                with attention_for_training(self._model, self._batcher.device, longest(rows)):
                    loss = self._gradient(portions(rows, size, self._most_tokens))
            except RuntimeError as problem:
                if not is_out_of_memory(problem):
                    raise
                if size == 1:
                    raise errors.out_of_memory(str(self._batcher.device)) from problem
            else:
                break
            self._most_rows = size // 2
            logger.info("out of memory with %d rows at once; %d from now on", size, self._most_rows)
            release(self._batcher.device)
        self._optimizer.step(learning_rate)
        return loss

    def settle(self) -> None:
        """Make the model whole, in fp32, for whatever else is to be done with it; another step may follow."""
        self._weights.restore()

    def _gradient(self, parts: Sequence[Sequence[Example]]) -> Loss:
        """The gradient of the mean loss over all response tokens of the parts together."""
        if not self._model.training:
            self._model.train()
        self._optimizer.forget_gradients()
        batches = [self._batcher.batch(part) for part in parts]
        tokens = sum(int((batch.labels != NOT_A_TARGET).sum()) for batch in batches)
        totals = [self._backward(batch, tokens) for batch in batches]
        return Loss(sum(float(total) for total in totals), tokens)

    def _backward(self, batch: Batch, tokens: int) -> torch.Tensor:
        with rows_alone(self._model):
            with training_precision(*self._of):
                logits, targets = response_logits(self._model, batch)
                total = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="sum")
            (total / tokens).backward()  # type: ignore[no-untyped-call]
        self._weights.collect_gradients()
        return total.detach()
