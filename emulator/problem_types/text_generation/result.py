"""What a fine-tune came to, and how `metrics.json` tells it."""

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import torch

from emulator import __version__
from emulator.problem_types.problem_type import TrainingOrder
from emulator.problem_types.text_generation.data import Data
from emulator.problem_types.text_generation.evaluation import Evaluation
from emulator.problem_types.text_generation.phases import Phases
from emulator.problem_types.text_generation.subject import Subject
from emulator.training.deadline import Deadline
from emulator.training.device import training_dtype
from emulator.training.fit import History, HyperParameters
from emulator.training.lora import method, takes_adapters
from emulator.training.metrics import STEMMER


@dataclass(frozen=True)
class Result:
    """A finished fine-tune; `metrics` has all of the problem type's, by StandardMetricName."""

    hyperparameters: HyperParameters
    metrics: dict[str, float]
    before: Evaluation
    history: History
    after: Evaluation
    deadline: Deadline
    phases: Phases


def summarize(order: TrainingOrder, subject: Subject, data: Data, result: Result) -> dict[str, Any]:
    """Every number of a job with what stands behind it, for `metrics.json`."""
    trained_in = training_dtype(subject.device, subject.model.num_parameters())
    return {
        "job": order.job_name,
        "candidate": order.candidate_name,
        "base_model": subject.base.name,
        "local_model": subject.base.local.name,
        "local_model_origin": subject.base.local.origin,
        "metrics": result.metrics,
        "metrics_before_fine_tuning": result.before.metrics,
        "definitions": _definitions(data),
        "method": method(subject.model),
        "hyperparameters": asdict(result.hyperparameters),
        "prompt_format": asdict(subject.prompt_format),
        "counts": _counts(data, result),
        "phases": result.phases.told(),
        "ended_early_by": result.deadline.limit if result.history.early else None,
        "device": str(subject.device),
        "precision": {"training": str(trained_in), "evaluation": str(torch.float32)},
        "seed": order.seed,
        "threads": torch.get_num_threads(),
        "versions": {"automl-emulator": __version__, "python": platform.python_version()}
        | {package: version(package) for package in ("torch", "transformers", "tokenizers", "rouge-score")}
        | ({"peft": version("peft")} if takes_adapters(subject.model) else {}),
    }


def _counts(data: Data, result: Result) -> dict[str, int | float]:
    tokens = sum(step.tokens for step in result.history.steps)
    return {
        "training_rows": len(data.training),
        "validation_rows": len(data.validation),
        "truncated_rows": data.truncated,
        "empty_cells": data.empty_cells,
        "validation_response_tokens": result.after.tokens,
        "training_steps": len(result.history.steps),
        "training_response_tokens_seen": tokens,
        "training_seconds": round(result.history.seconds, 3),
        "epochs": len(result.history.epochs),
        "kept_epoch": result.history.kept_epoch,
    }


def _definitions(data: Data) -> dict[str, str]:
    return {
        "ValidationLoss": "mean cross-entropy in nats over all response tokens of the validation rows, the "
        "end-of-text token included, of the stored weights in fp32",
        "Perplexity": "exp(ValidationLoss)",
        "TrainingLoss": "mean cross-entropy in nats over all response tokens of the last epoch's steps, each measured "
        "before its update (loss_history.json)",
        "Rouge": f"F-measures of rouge-score, use_stemmer={STEMMER}, averaged over the validation rows; generation is "
        f"greedy with at most {data.max_new_tokens} new tokens, as many as the longest training response has",
    }
