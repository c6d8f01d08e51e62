"""What a text generation job leaves in S3."""

import gzip
import json
import logging
import tarfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emulator import __version__
from emulator.problem_types.problem_type import Outcome, TrainingOrder
from emulator.problem_types.text_generation.data import Data
from emulator.problem_types.text_generation.result import Result, summarize
from emulator.problem_types.text_generation.subject import Subject
from emulator.storage.layout import CandidateOutput
from emulator.storage.s3 import S3
from emulator.training.deadline import JOB
from emulator.training.fit import History
from emulator.training.load_model import save_model

COMPRESSION = 0  # weights hardly compress: level 1 would cost half a second for a tiny model

logger = logging.getLogger(__name__)


def publish(order: TrainingOrder, subject: Subject, data: Data, result: Result, s3: S3) -> Outcome:
    """Write the artifacts, store them in S3, and tell what the candidate is. Raises JobFailure."""
    folder = Path(order.folder)
    _write_json(folder / "metrics.json", summarize(order, subject, data, result))
    _write_history(folder / "loss_history.json", result.history)
    _write_predictions(folder / "validation_predictions.jsonl", subject, data, result)
    model = folder / "model"
    save_model(subject.model, subject.tokenizer, model, data.max_new_tokens)
    _write_json(model / "prompt_format.json", asdict(subject.prompt_format))
    _write_archive(model, folder / "model.tar.gz")
    output = CandidateOutput(order.request["OutputDataConfig"]["S3OutputPath"], order.job_name, order.candidate_name)
    for name, uri in output.artifacts.items():
        s3.upload(folder / name, uri)
    return Outcome(
        metrics=result.metrics,
        artifacts=output.artifacts,
        image=_image(order.region, subject.base.image),
        environment=_environment(subject, output),
        job_runtime_reached=result.history.early and result.deadline.limit == JOB,
    )


def _image(region: str, image: str) -> str:
    """AWS's registry for deep learning containers; that its account is the same in all regions is a simplification."""
    return f"763104351884.dkr.ecr.{region}.amazonaws.com/{image}"


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


def _write_archive(folder: Path, archive: Path) -> None:
    """All files of a folder as a .tar.gz; the same files give the same bytes."""
    with archive.open("wb") as file:
        compressed = gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=file, mtime=0)
        with compressed, tarfile.open(fileobj=compressed, mode="w") as tar:
            for content in sorted(folder.iterdir()):
                tar.add(content, content.name, filter=_anonymous)
    logger.info("%s has %d bytes", archive.name, archive.stat().st_size)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
