"""The fine-tune: AdamW on the response tokens, with a learning rate that warms up and then falls linearly."""

import logging
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch

from emulator.training.batches import Batch
from emulator.training.device import deterministic
from emulator.training.kept_weights import KeptWeights
from emulator.training.metrics import Loss, cross_entropy
from emulator.training.prompts import Example
from emulator.training.update import Updater

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
    """One optimizer step: its loss in nats per response token, over so many tokens; `read` counts prompts too."""

    step: int
    epoch: int
    loss: float
    tokens: int
    read: int
    learning_rate: float


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows, and the loss on the held-out rows after it."""

    epoch: int
    training_loss: float
    validation_loss: float


@dataclass(frozen=True)
class History:
    """What happened in a fit; `kept_epoch` is the one whose weights the model has, the lowest in validation loss.

    A fit that had to stop `early` measured what there was of its last epoch like a whole one; one that stopped before
    its first step has neither steps nor epochs, and no loss of the `kept` weights.
    """

    steps: list[Step]
    epochs: list[Epoch]
    kept_epoch: int
    kept_loss: Loss | None
    early: bool
    seconds: float


class Watcher(Protocol):
    """Sees how a fit goes, and may end it."""

    def on_step(self, step: Step, steps: int, epoch: Epoch | None) -> None:
        """A step is done of so many, or the epoch that it was the last of is measured; `epoch` is the newest such."""

    def must_stop(self, seconds: float) -> bool:
        """Whether there is no time for another step, which may take so long."""


def learning_rate_factor(step: int, warmup_steps: int, steps: int) -> float:
    """Of the peak rate, before step `step` (from 0): up linearly over the warm-up, then down to zero at the end."""
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    return (steps - step) / max(1, steps - warmup_steps)


def fit(
    model: Any,
    training: Sequence[Example],
    validation: Sequence[Batch],
    updater: Updater,
    hyperparameters: HyperParameters,
    *,
    seed: int,
    watcher: Watcher,
) -> History:
    """Train the model in place, in a random order that `seed` decides, and leave it with the best epoch's weights."""
    torch.manual_seed(seed)
    began = time.monotonic()
    run = _Run(model, validation, updater, hyperparameters, watcher)
    with deterministic(model.device):
        history = run.through(training, random.Random(seed))  # noqa: S311 - an order of rows is no secret
    model.eval()
    return replace(history, seconds=time.monotonic() - began)


class _Run:
    """One fit, as far as it has come."""

    def __init__(
        self,
        model: Any,
        validation: Sequence[Batch],
        updater: Updater,
        hyperparameters: HyperParameters,
        watcher: Watcher,
    ) -> None:
        self._model = model
        self._validation = validation
        self._updater = updater
        self._hyperparameters = hyperparameters
        self._watcher = watcher
        self._kept = KeptWeights(model)
        self._steps: list[Step] = []
        self._epochs: list[Epoch] = []
        self._of_steps = 0
        self._longest_step = 0.0

    def through(self, training: Sequence[Example], order: random.Random) -> History:
        """All epochs, or as many as there is time for."""
        epochs = self._hyperparameters.epochs
        self._of_steps = epochs * math.ceil(len(training) / self._hyperparameters.batch_size)
        early = False
        for epoch in range(1, epochs + 1):
            early = not self._train_epoch(epoch, order.sample(training, len(training)))
            if self._steps and self._steps[-1].epoch == epoch:
                self._measure_epoch(epoch, last=early or epoch == epochs)
            if early:
                logger.info("stopped early, after %d of %d steps", len(self._steps), self._of_steps)
                break
        self._kept.restore()
        return History(self._steps, self._epochs, self._kept.epoch, self._kept.loss, early, 0.0)

    def _train_epoch(self, epoch: int, rows: Sequence[Example]) -> bool:
        """Whether there was time for all of these rows."""
        size = self._hyperparameters.batch_size
        for start in range(0, len(rows), size):
            if self._watcher.must_stop(self._longest_step):
                return False
            began = time.monotonic()
            self._train_step(epoch, rows[start : start + size])
            self._longest_step = max(self._longest_step, time.monotonic() - began)
        return True

    def _train_step(self, epoch: int, rows: Sequence[Example]) -> None:
        done = len(self._steps)
        factor = learning_rate_factor(done, self._hyperparameters.warmup_steps, self._of_steps)
        rate = self._hyperparameters.learning_rate * factor
        loss = self._updater.step(rows, rate)
        read = sum(len(row.prompt) + len(row.response) for row in rows)
        self._steps.append(Step(done + 1, epoch, loss.mean, loss.tokens, read, rate))
        self._watcher.on_step(self._steps[-1], self._of_steps, self._epochs[-1] if self._epochs else None)

    def _measure_epoch(self, epoch: int, *, last: bool) -> None:
        self._updater.settle()
        self._model.eval()
        seen = [step for step in self._steps if step.epoch == epoch]
        training_loss = math.fsum(step.loss * step.tokens for step in seen) / sum(step.tokens for step in seen)
        validation_loss = cross_entropy(self._model, self._validation)
        logger.info("epoch %d: training loss %.4f, validation loss %.4f", epoch, training_loss, validation_loss.mean)
        self._epochs.append(Epoch(epoch, training_loss, validation_loss.mean))
        self._kept.offer(epoch, validation_loss, last=last)
        self._watcher.on_step(seen[-1], self._of_steps, self._epochs[-1])
