"""The fine-tune of a job, between its data and its artifacts: measure, train while there is time, measure again."""

import logging
import math
import time
from collections.abc import Callable

import torch

from emulator import errors
from emulator.problem_types.problem_type import OutOfTime, Progress, Report
from emulator.problem_types.text_generation.data import Data
from emulator.problem_types.text_generation.evaluation import evaluate
from emulator.problem_types.text_generation.phases import Phases
from emulator.problem_types.text_generation.result import Result
from emulator.problem_types.text_generation.subject import Subject
from emulator.training.deadline import JOB, Deadline
from emulator.training.fit import Epoch, History, HyperParameters, Step, fit
from emulator.training.lora import takes_adapters, trainable
from emulator.training.update import Updater

SECONDS_BETWEEN_REPORTS = 0.1
STORING_BYTES_PER_SECOND = 50_000_000
STORING_SECONDS = 0.3
EVALUATION_RESERVE = 1.25
"""How much longer an evaluation may take after the training than before it."""

logger = logging.getLogger(__name__)


class FineTune:
    """The fine-tune itself, between the data and the artifacts."""

    def __init__(
        self, subject: Subject, data: Data, hyperparameters: HyperParameters, deadline: Deadline, phases: Phases
    ) -> None:
        self._subject = subject
        self._data = data
        self._hyperparameters = hyperparameters
        self._deadline = deadline
        self._phases = phases

    def run(self, seed: int, report: Report, trained: Callable[[], None]) -> Result:
        """Measure, train, call `trained`, measure again. Raises JobFailure or OutOfTime."""
        subject, phases = self._subject, self._phases
        logger.info("%s", self._hyperparameters)
        logger.info("measuring the base model on %d validation rows, before the fine-tune", len(self._data.validation))
        before = evaluate(subject, self._data, phases, "before")
        logger.info("measured in %.1f seconds: %s", self._seconds_measured(), before.metrics)
        if not math.isfinite(before.metrics["ValidationLoss"]):
            raise errors.base_model_not_finite(subject.base.local.origin, "ValidationLoss")
        with phases.phase("training"):
            history = self._fit(seed, report)
        if not history.epochs:
            self._give_up()
        phases.tokens("training", sum(step.read for step in history.steps))
        trained()
        logger.info("measuring the tuned model on the same rows")
        known = None if takes_adapters(subject.model) else history.kept_loss  # merging adapters rounds their weights
        after = evaluate(subject, self._data, phases, "after", known)
        metrics = after.metrics | {"TrainingLoss": history.epochs[-1].training_loss}
        logger.info("%s", metrics)
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise errors.diverged(name)
        return Result(self._hyperparameters, metrics, before, history, after, self._deadline, phases)

    def _fit(self, seed: int, report: Report) -> History:
        subject, data = self._subject, self._data
        foreman = Foreman(report, self._deadline, self._seconds_afterwards(), self._hyperparameters.epochs)
        torch.manual_seed(seed)  # adapters begin at random
        with trainable(subject.model):
            return fit(
                subject.model,
                data.training,
                data.validation_batches,
                Updater(subject.model, subject.batcher),
                self._hyperparameters,
                seed=seed,
                watcher=foreman,
            )

    def _seconds_afterwards(self) -> float:
        """What has to be left for when the training is over: the evaluation, and the artifacts."""
        size: int = sum(weight.numel() * weight.element_size() for weight in self._subject.model.parameters())
        return EVALUATION_RESERVE * self._seconds_measured() + size / STORING_BYTES_PER_SECOND + STORING_SECONDS

    def _seconds_measured(self) -> float:
        """How long it took to measure the base model."""
        return sum(self._phases.seconds(f"{part}_before") for part in ("loss", "generation", "rouge"))

    def _give_up(self) -> None:
        if self._deadline.limit == JOB:
            raise OutOfTime
        seconds = (self._seconds_measured(), self._seconds_afterwards())
        raise errors.training_time_too_short(self._deadline.limit, *(f"{each:.1f}" for each in seconds))


class Foreman:
    """Reports the steps of a fit, and ends it when its time is up. Satisfies training.fit.Watcher."""

    def __init__(self, report: Report, deadline: Deadline, afterwards: float, epochs: int) -> None:
        self._report = report
        self._deadline = deadline
        self._afterwards = afterwards
        self._epochs = epochs
        self._reported = 0.0

    def must_stop(self, seconds: float) -> bool:
        """Whether another step would leave too little time for what comes after the training."""
        return self._deadline.comes_within(seconds + self._afterwards)

    def on_step(self, step: Step, steps: int, epoch: Epoch | None) -> None:
        """Report a step; a user cannot watch more of them than this, and the server has other work."""
        now = time.monotonic()
        epoch_is_over = epoch is not None and epoch.epoch == step.epoch
        if step.step > 1 and not epoch_is_over and now - self._reported < SECONDS_BETWEEN_REPORTS:
            return
        self._reported = now
        validation_loss = None if epoch is None else epoch.validation_loss
        self._report.progress(Progress(step.step, steps, step.epoch, self._epochs, step.loss, validation_loss))
