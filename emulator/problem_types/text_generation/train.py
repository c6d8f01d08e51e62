"""One text generation job from data to artifacts: read, fine-tune, measure, store."""

import logging
import math
from pathlib import Path

from emulator import errors
from emulator.problem_types.problem_type import Outcome, Progress, Report, TrainingOrder
from emulator.problem_types.text_generation.artifacts import publish
from emulator.problem_types.text_generation.data import Data, load_split, prepare
from emulator.problem_types.text_generation.evaluation import evaluate
from emulator.problem_types.text_generation.facts import TEXT_GENERATION
from emulator.problem_types.text_generation.hyperparameters import resolved
from emulator.problem_types.text_generation.result import Result
from emulator.problem_types.text_generation.subject import Subject, load_subject, preload_subjects
from emulator.storage.s3 import S3
from emulator.training.fit import Epoch, HyperParameters, Step, fit

logger = logging.getLogger(__name__)


def preload() -> None:
    """Import and read what the first job would else have to; opens no connection and starts no thread."""
    preload_subjects()
    S3("http://127.0.0.1", "us-east-1")  # botocore keeps the service's model


def train(order: TrainingOrder, report: Report) -> Outcome:
    """Do a job. Raises JobFailure where it cannot be done."""
    config = order.request["AutoMLProblemTypeConfig"][TEXT_GENERATION.config]
    report.status("AnalyzingData")
    s3 = S3(order.s3_endpoint, order.region)
    split = load_split(order.request, s3, Path(order.folder), order.seed)
    subject = load_subject(config, order)
    data = prepare(split, subject)
    report.status("TrainingModels")
    result = _fine_tune(subject, data, resolved(config, subject.base.local), order.seed, report)
    return publish(order, subject, data, result, s3)


def _fine_tune(subject: Subject, data: Data, hyperparameters: HyperParameters, seed: int, report: Report) -> Result:
    logger.info("%s", hyperparameters)
    before = evaluate(subject, data)
    history = fit(
        subject.model,
        data.training,
        data.validation_batches,
        subject.batcher,
        hyperparameters,
        seed=seed,
        on_step=lambda step, steps, epoch: report.progress(_progress(step, steps, hyperparameters, epoch)),
    )
    after = evaluate(subject, data)
    metrics = after.metrics | {"TrainingLoss": history.epochs[-1].training_loss}
    logger.info("%s", metrics)
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise errors.diverged(name)
    return Result(hyperparameters, metrics, before, history, after)


def _progress(step: Step, steps: int, hyperparameters: HyperParameters, epoch: Epoch | None) -> Progress:
    return Progress(
        step=step.step,
        steps=steps,
        epoch=step.epoch,
        epochs=hyperparameters.epochs,
        training_loss=step.loss,
        validation_loss=None if epoch is None else epoch.validation_loss,
    )
