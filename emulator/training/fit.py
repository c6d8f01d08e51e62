"""The fine-tune: AdamW on the response tokens, with a learning rate that warms up and then falls linearly."""

import logging
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch._dynamo  # the first optimizer step would import it, a second later

from emulator.training.batches import Batch, Batcher, response_logits
from emulator.training.device import training_precision
from emulator.training.metrics import Loss, cross_entropy
from emulator.training.prompts import Example

LARGEST_GRADIENT = 1.0
WEIGHT_DECAY = 0.01

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HyperParameters:
    """The four that AWS documents, as numbers. Warm-up is counted in steps."""

    epochs: int
    batch_size: int
    learning_rate: float
    warmup_steps: int


@dataclass(frozen=True)
class Step:
    """One optimizer step: its loss in nats per response token, over so many tokens."""

    step: int
    epoch: int
    loss: float
    tokens: int
    learning_rate: float


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows, and the loss on the held-out rows after it."""

    epoch: int
    training_loss: float
    validation_loss: float


@dataclass(frozen=True)
class History:
    """What happened in a fit; `kept_epoch` is the one whose weights the model has, the lowest in validation loss."""

    steps: list[Step]
    epochs: list[Epoch]
    kept_epoch: int
    seconds: float


def learning_rate_factor(step: int, warmup_steps: int, steps: int) -> float:
    """Of the peak rate, before step `step` (from 0): up linearly over the warm-up, then down to zero at the end."""
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    return (steps - step) / max(1, steps - warmup_steps)


def fit(
    model: Any,
    training: Sequence[Example],
    validation: Sequence[Batch],
    batcher: Batcher,
    hyperparameters: HyperParameters,
    *,
    seed: int,
    on_step: Callable[[Step, int, Epoch | None], None],
) -> History:
    """Train the model in place, in a random order that `seed` decides, and leave it with the best epoch's weights.

    `on_step(step, steps, epoch)` is called after every step, and again with the last of an epoch once that is
    measured; `epoch` is the newest one measured.
    """
    torch.manual_seed(seed)
    order = random.Random(seed)  # noqa: S311 - an order of rows is no secret
    began = time.monotonic()
    steps = hyperparameters.epochs * math.ceil(len(training) / hyperparameters.batch_size)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=hyperparameters.learning_rate, weight_decay=WEIGHT_DECAY, fused=True
    )
    done: list[Step] = []
    epochs: list[Epoch] = []
    best = BestWeights(model)
    for epoch in range(1, hyperparameters.epochs + 1):
        shuffled = order.sample(training, len(training))
        for batch in batcher.batches(shuffled, hyperparameters.batch_size):
            factor = learning_rate_factor(len(done), hyperparameters.warmup_steps, steps)
            loss = _step(model, optimizer, batch, hyperparameters.learning_rate * factor)
            done.append(Step(len(done) + 1, epoch, loss.mean, loss.tokens, hyperparameters.learning_rate * factor))
            on_step(done[-1], steps, epochs[-1] if epochs else None)
        epochs.append(_measure_epoch(model, epoch, done, validation))
        best.offer(epoch, epochs[-1].validation_loss)
        on_step(done[-1], steps, epochs[-1])
    return History(done, epochs, best.restore(), time.monotonic() - began)


def _step(model: Any, optimizer: torch.optim.Optimizer, batch: Batch, learning_rate: float) -> Loss:
    model.train()
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    with training_precision(batch.input_ids.device):
        logits, targets = response_logits(model, batch)
        loss = torch.nn.functional.cross_entropy(logits.float(), targets)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
    optimizer.step()
    return Loss(loss.item() * len(targets), len(targets))


def _measure_epoch(model: Any, epoch: int, steps: Sequence[Step], validation: Sequence[Batch]) -> Epoch:
    model.eval()
    seen = [step for step in steps if step.epoch == epoch]
    training_loss = math.fsum(step.loss * step.tokens for step in seen) / sum(step.tokens for step in seen)
    measured = Epoch(epoch, training_loss, cross_entropy(model, validation).mean)
    logger.info("epoch %d: training loss %.4f, validation loss %.4f", epoch, training_loss, measured.validation_loss)
    return measured


class BestWeights:
    """Keeps a copy of the weights whenever the validation loss falls."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._epoch = 0
        self._loss = math.inf
        self._weights: dict[str, torch.Tensor] = {}

    def offer(self, epoch: int, validation_loss: float) -> None:
        """Keep the present weights if they are the best so far."""
        if self._epoch == 0 or validation_loss < self._loss:
            self._epoch, self._loss = epoch, validation_loss
            self._weights = {name: tensor.clone() for name, tensor in self._model.state_dict().items()}

    def restore(self) -> int:
        """Put the best weights into the model, and return their epoch."""
        self._model.load_state_dict(self._weights)
        return self._epoch
