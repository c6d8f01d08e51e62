"""What a text generation job leaves in S3."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emulator import __version__
from emulator.base_models.catalogue import registry
from emulator.problem_types.problem_type import TrainedCandidate, TrainingOrder
from emulator.problem_types.text_generation.data import Data
from emulator.problem_types.text_generation.model_archive import ModelArchive
from emulator.problem_types.text_generation.result import Result, summarize
from emulator.problem_types.text_generation.subject import Subject
from emulator.s3.client import S3
from emulator.s3.layout import MODEL_ARCHIVE, CandidateOutput
from emulator.training.deadline import JOB
from emulator.training.fit import History


def publish(
    order: TrainingOrder, subject: Subject, data: Data, result: Result, archive: ModelArchive, s3: S3
) -> TrainedCandidate:
    """Write the artifacts, store them in S3, and tell what the candidate is. Raises JobFailure."""
    folder = Path(order.folder)
    _write_json(folder / "metrics.json", summarize(order, subject, data, result))
    _write_history(folder / "loss_history.json", result.history)
    _write_predictions(folder / "validation_predictions.jsonl", subject, data, result)
    md5 = archive.finish()
    output = CandidateOutput(order.request["OutputDataConfig"]["S3OutputPath"], order.job_name, order.candidate_name)
    for name, uri in output.artifacts.items():
        if name == MODEL_ARCHIVE:
            s3.hand_over(folder / name, uri, md5)
        else:
            s3.upload(folder / name, uri)
    return TrainedCandidate(
        metrics=result.metrics,
        artifacts=output.artifacts,
        image=f"{registry(order.region)}/{subject.base.image}",
        environment=_environment(subject, output),
        job_runtime_reached=result.history.early and result.deadline.limit == JOB,
        cut_short=result.history.early,
    )


def _environment(subject: Subject, output: CandidateOutput) -> dict[str, str]:
    return {
        "HF_MODEL_ID": "/opt/ml/model",
        "HUGGINGFACE_HUB_CACHE": "/tmp",  # noqa: S108 - a path inside the container, as AWS's example has it
        "TRANSFORMERS_CACHE": "/tmp",  # noqa: S108
        "AUTOML_EMULATOR_ARTIFACTS": output.folder,
        "AUTOML_EMULATOR_VERSION": __version__,
        "AUTOML_EMULATOR_BASE_MODEL": subject.base.name,
        "AUTOML_EMULATOR_LOCAL_MODEL": subject.base.local.name,
    }


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _write_history(file: Path, history: History) -> None:
    steps = [asdict(step) for step in history.steps]
    epochs = [asdict(epoch) for epoch in history.epochs]
    _write_json(file, {"steps": steps, "epochs": epochs, "kept_epoch": history.kept_epoch})


def _write_predictions(file: Path, subject: Subject, data: Data, result: Result) -> None:
    """One JSON object a validation row, in their order."""
    with file.open("w", encoding="utf-8") as lines:
        for row, before, after in zip(data.validation_rows, result.before.texts, result.after.texts, strict=True):
            content = {
                "input": row.input,
                "reference": row.output,
                "generated": after,
                "generated_before_fine_tuning": before,
                "prompt": subject.prompt_format.prompt_text(row.input),
            }
            lines.write(json.dumps(content, ensure_ascii=False) + "\n")
