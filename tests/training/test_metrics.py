"""The metrics of real jobs, recomputed from their artifacts."""

from pathlib import Path
from typing import Any

import pytest

from emulator.bundled import FIXTURES
from tests.support.requests import channel, text_generation, user_guide
from tests.support.server import Server
from tests.training.recompute import Artifacts, described, evaluate, recompute


def run(server: Server, name: str, *channels: dict[str, Any], **config: Any) -> dict[str, Any]:
    """Run a job to its end and return its description."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, *channels, **config))
    return server.wait(name, "Completed")


def artifacts_of(server: Server, job: dict[str, Any]) -> Artifacts:
    """What a completed job left in S3."""
    (container,) = job["BestCandidate"]["InferenceContainers"]
    return Artifacts(server.client("s3"), container["ModelDataUrl"])


def hyperparameters(**values: str) -> dict[str, dict[str, str]]:
    """The part of a TextGenerationJobConfig that sets hyperparameters."""
    return {"TextGenerationHyperParameters": values}


def test_metrics_of_the_users_guide_can_be_recomputed(training_server: Server, completed_job: dict[str, Any]) -> None:
    """All seven metrics of a decoder-only job follow from model.tar.gz, the validation rows and the loss history."""
    again = recompute(artifacts_of(training_server, completed_job))
    assert described(completed_job) == pytest.approx(again, abs=1e-6)


def test_metrics_of_an_encoder_decoder_can_be_recomputed(training_server: Server) -> None:
    """The same holds for a FlanT5 name, which an encoder-decoder model runs."""
    job = run(training_server, "flan", channel("input/facts_100.csv"), BaseModelName="FlanT5L")
    assert described(job) == pytest.approx(recompute(artifacts_of(training_server, job)), abs=1e-6)


def test_second_request_of_the_users_guide_completes(training_server: Server) -> None:
    """The user guide's second example is taken as it stands, learning rate 0.000001 included."""
    request = user_guide("guide-2", hyperparameters=True)
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = training_server.wait("guide-2", "Completed")
    used = artifacts_of(training_server, job).json("metrics.json")["hyperparameters"]
    assert used == {"epochs": 5, "batch_size": 32, "learning_rate": 1e-6, "warmup_steps": 10}


def test_the_same_job_gives_the_same_metrics_and_other_data_others(training_server: Server) -> None:
    """Metrics depend on the data and on nothing else: a second run repeats them to the last digit."""
    first = run(training_server, "same-1", channel("input/facts_100.csv"))
    again = run(training_server, "same-2", channel("input/facts_100.csv"))
    other = run(training_server, "other", channel("input/facts_validation.csv"))
    assert described(first) == described(again)
    assert all(described(first)[metric] != described(other)[metric] for metric in ("ValidationLoss", "TrainingLoss"))


def test_longer_training_is_better(training_server: Server) -> None:
    """On the fixture dataset 8 epochs beat 1 in both losses and in ROUGE-1."""
    short = described(run(training_server, "short", **hyperparameters(epochCount="1")))
    long = described(run(training_server, "long", **hyperparameters(epochCount="8")))
    assert long["ValidationLoss"] < short["ValidationLoss"]
    assert long["TrainingLoss"] < short["TrainingLoss"]
    assert long["Rouge1"] > short["Rouge1"]


def test_fine_tuned_model_beats_the_untouched_one(training_server: Server, completed_job: dict[str, Any]) -> None:
    """The tuned weights are better than the base model's, and what metrics.json says of the base model is so."""
    artifacts = artifacts_of(training_server, completed_job)
    summary = artifacts.json("metrics.json")
    rows = artifacts.predictions()[:20]
    base = FIXTURES / "base_models" / summary["local_model"]
    before = summary["metrics_before_fine_tuning"]
    tuned = described(completed_job)
    assert tuned["ValidationLoss"] < before["ValidationLoss"]
    assert min(tuned[metric] - before[metric] for metric in ("Rouge1", "Rouge2", "RougeL", "RougeLSum")) > 0.1
    untouched = evaluate(Path(base), rows, 8)
    assert untouched["ValidationLoss"] == pytest.approx(before["ValidationLoss"], rel=0.5)


def test_shown_texts_are_the_models_own(training_server: Server, completed_job: dict[str, Any]) -> None:
    """Validation predictions are whole rows of the dataset, 20% of it, and their ROUGE is the one described."""
    predictions = artifacts_of(training_server, completed_job).predictions()
    summary = artifacts_of(training_server, completed_job).json("metrics.json")
    counts = summary["counts"]
    assert len(predictions) == counts["validation_rows"]
    assert counts["validation_rows"] == round(0.2 * (counts["validation_rows"] + counts["training_rows"]))
    assert all(row["prompt"] == f"<|input|>{row['input']}<|output|>" for row in predictions)
    assert summary["metrics"] == described(completed_job)
