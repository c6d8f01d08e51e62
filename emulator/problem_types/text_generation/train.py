"""One text generation job from data to artifacts: read, fine-tune, measure, store."""

from pathlib import Path

from emulator import errors
from emulator.problem_types.problem_type import Report, TrainedCandidate, TrainingOrder
from emulator.problem_types.text_generation.artifacts import publish
from emulator.problem_types.text_generation.data import NoTokens, prepare
from emulator.problem_types.text_generation.facts import TEXT_GENERATION
from emulator.problem_types.text_generation.fine_tune import FineTune
from emulator.problem_types.text_generation.hyperparameters import resolved
from emulator.problem_types.text_generation.model_archive import ModelArchive
from emulator.problem_types.text_generation.phases import Phases
from emulator.problem_types.text_generation.reading import ChannelReader, load_split
from emulator.problem_types.text_generation.subject import load_subject, preload_subjects
from emulator.s3.access import S3Access
from emulator.s3.client import S3
from emulator.training.deadline import deadline_from_now


def preload() -> None:
    """Import and read what the first job would else have to; opens no connection and starts no thread."""
    preload_subjects()
    S3(S3Access("http://127.0.0.1", "none", "none"), "us-east-1")  # botocore keeps the service's model


def train(order: TrainingOrder, report: Report) -> TrainedCandidate:
    """Do a job. Raises JobFailure where it cannot be done, and OutOfTime where the job's deadline came first."""
    config = order.request["AutoMLProblemTypeConfig"][TEXT_GENERATION.config]
    phases = Phases()
    report.status("AnalyzingData")
    s3 = S3(order.s3, order.region)
    s3.require_bucket(order.request["OutputDataConfig"]["S3OutputPath"])
    with phases.phase("load_model"):
        subject = load_subject(config, order)
    with phases.phase("read_data"):
        reader = ChannelReader(s3, Path(order.folder), subject)
        split = load_split(order.request, reader, order.seed)
        try:
            data = prepare(split, subject)
        except NoTokens as problem:
            raise errors.row_without_tokens(*reader.place_of(problem.row), subject.base.local.origin) from problem
    report.status("TrainingModels")
    deadline = deadline_from_now(config.get("CompletionCriteria", {}), order.deadline)
    tuning = FineTune(subject, data, resolved(config, subject.base.local), deadline, phases)
    archive = ModelArchive(subject, data, Path(order.folder))
    result = tuning.run(order.seed, report, trained=archive.begin)
    return publish(order, subject, data, result, archive, s3)
