"""A job from create to Completed beside a Trainer script that does the same; prints tables for RESULTS.md."""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from emulator.base_models.catalogue import BASE_MODEL_NAMES, DEFAULT_BASE_MODEL, LocalModel, base_model
from emulator.base_models.choice import Choice
from emulator.base_models.places import cache_folder, on_disk
from emulator.bundled import FIXTURES
from emulator.settings import Settings
from emulator.training.dataset import Row, read_rows, split_rows
from tests.benchmarks.machine import conditions
from tests.benchmarks.servers import EMULATOR, environment, running, wait_for_connection
from tests.benchmarks.timing import comparison, in_turn, note, table
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import ENDED, Server

TRAINER_SCRIPT = Path(__file__).with_name("trainer_script.py")
DATASETS = FIXTURES / "datasets"
VALIDATION_FRACTION = 0.2
HYPERPARAMETERS = {"epochCount": "1", "batchSize": "8", "learningRateWarmupSteps": "2"}
POLL_SECONDS = 0.05
OMP: dict[str, dict[str, str]] = {
    # What the emulator sets in its workers.
    "brief": {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "2000"},
    "passive": {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"},
    # What OpenMP does where nothing is set; spelt out, because the emulator fills in `passive` where nothing is.
    "default": {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "300000"},
}


@dataclass(frozen=True)
class Run:
    """One side's job: seconds in all and of the training phase, and what came of it."""

    seconds: float
    training_seconds: float
    metrics: Mapping[str, float]
    validation_tokens: int
    phases: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s (training {self.training_seconds:.2f} s)"


@dataclass(frozen=True)
class Job:
    """The same work for both sides: a base model, and the rows in a folder, whole and split.

    The last two are of the Trainer script alone: the emulator trains in bfloat16 wherever the processor is made for it,
    and always scores the model before the fine-tune, too.
    """

    base_model: str
    models: str
    learning_rate: str
    folder: Path
    bf16: bool
    score_before: bool

    @property
    def hyperparameters(self) -> dict[str, str]:
        """TextGenerationHyperParameters of the job."""
        return HYPERPARAMETERS | {"learningRate": self.learning_rate}

    @property
    def local(self) -> LocalModel:
        """The model that both sides train."""
        return base_model(self.base_model, Choice(self.models)).local

    def model_folder(self) -> Path:
        """Where that is once a job has run."""
        folder = on_disk(self.local, cache_folder(Settings().cache_dir))
        if folder is None:
            raise RuntimeError(f"{self.local.name} is not on disk")
        return folder

    def write_data(self, rows: list[Row]) -> None:
        """Put the rows where both sides find them, split as the emulator splits them."""
        split = split_rows(rows, VALIDATION_FRACTION, Settings().seed)
        for name, part in (("all", rows), ("training", split.training), ("validation", split.validation)):
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([Row._fields, *part])


def run_trainer_script(job: Job, omp: Mapping[str, str], seed: int) -> Run:
    """The script as a whole process, from its start to its end; the seed decides the order of its rows."""
    given = job.hyperparameters
    command = [sys.executable, str(TRAINER_SCRIPT), "--model", str(job.model_folder()), "--template", job.local.prompt]
    command += ["--training", str(job.folder / "training.csv"), "--validation", str(job.folder / "validation.csv")]
    command += ["--epochs", given["epochCount"], "--batch-size", given["batchSize"]]
    command += ["--learning-rate", given["learningRate"], "--seed", str(seed)]
    command += ["--warmup-steps", given["learningRateWarmupSteps"]]
    command += ["--bf16"] if job.bf16 else []
    command += ["--score-before"] if job.score_before else []
    began = time.perf_counter()
    done = subprocess.run(command, env=environment(**omp), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"the Trainer script failed:\n{done.stderr}")
    told = json.loads(done.stdout.splitlines()[-1])
    phases = told["seconds"]
    return Run(seconds, phases["train"], told["metrics"], told["validation_tokens"], phases)


class Client:
    """A user of a running emulator, with boto3."""

    def __init__(self, url: str, job: Job) -> None:
        self._job = job
        self._numbers = count(1)
        self._s3 = Server(url).client("s3")
        self._sagemaker = Server(url).client("sagemaker")
        self._s3.create_bucket(Bucket=BUCKET)
        self._s3.upload_file(str(job.folder / "all.csv"), BUCKET, "input/all.csv")

    def run_job(self) -> Run:
        """A job from create until Describe says Completed."""
        name = f"job-{next(self._numbers)}"
        config = {"BaseModelName": self._job.base_model, "TextGenerationHyperParameters": self._job.hyperparameters}
        request = text_generation(name, channel("input/all.csv"), **config)
        request["DataSplitConfig"] = {"ValidationFraction": VALIDATION_FRACTION}
        began = time.perf_counter()
        self._sagemaker.create_auto_ml_job_v2(**request)
        while (described := self._describe(name))["AutoMLJobStatus"] not in ENDED:
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - began
        if described["AutoMLJobStatus"] != "Completed":
            raise RuntimeError(f"{name}: {described.get('FailureReason')}")
        summary = self._summary(name)
        counts = summary["counts"]
        return Run(seconds, counts["training_seconds"], summary["metrics"], counts["validation_response_tokens"])

    def _describe(self, name: str) -> dict[str, Any]:
        described: dict[str, Any] = self._sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
        return described

    def _summary(self, name: str) -> dict[str, Any]:
        objects = self._s3.list_objects_v2(Bucket=BUCKET, Prefix=f"output/{name}/")["Contents"]
        key = next(item["Key"] for item in objects if item["Key"].endswith("metrics.json"))
        summary: dict[str, Any] = json.loads(self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        return summary


def compare(job: Job, omp: Mapping[str, str], repetitions: int) -> str:
    """A table of both sides in the same OpenMP environment, each run once before it counts."""
    with running((*EMULATOR[:-1], "--device", "cpu", "--models", job.models, EMULATOR[-1]), **omp) as server:
        wait_for_connection(server)
        client = Client(f"http://127.0.0.1:{server.port}", job)
        seeds = count(Settings().seed)  # one order of the rows alone would say little about equal quality
        note(f"  first runs, not counted: {client.run_job()} beside {run_trainer_script(job, omp, next(seeds))}")
        ours, theirs = in_turn(repetitions, client.run_job, lambda: run_trainer_script(job, omp, next(seeds)))
    if {run.validation_tokens for run in [*ours, *theirs]} != {ours[0].validation_tokens}:
        raise RuntimeError("the two sides did not measure the same validation tokens")
    return f"{_table(ours, theirs)}\n\n{_phases(theirs)}"


def _table(ours: list[Run], theirs: list[Run]) -> str:
    rows = [
        comparison("whole, s", [run.seconds for run in ours], [run.seconds for run in theirs], 2),
        comparison(
            "training phase, s", [run.training_seconds for run in ours], [run.training_seconds for run in theirs], 2
        ),
        *(
            comparison(name, [run.metrics[name] for run in ours], [run.metrics[name] for run in theirs], 4)
            for name in theirs[0].metrics
        ),
    ]
    return table(("figure", "create to Completed", "Trainer script, whole process", "ratio"), rows)


def _phases(theirs: list[Run]) -> str:
    medians = {name: median(run.phases[name] for run in theirs) for name in theirs[0].phases}
    return "The Trainer script's phases, medians in s: " + ", ".join(f"{n} {s:.2f}" for n, s in medians.items()) + "."


def first_rows(number: int) -> list[Row]:
    """So many rows of the fixture dataset."""
    file = DATASETS / f"facts_{number}.csv"
    file = file if file.exists() else DATASETS / "facts.csv"
    rows = list(read_rows(file, file.name, "text/csv"))
    if len(rows) < number:
        sys.exit(f"{file.name} has {len(rows)} rows only")
    return rows[:number]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--base-model", choices=BASE_MODEL_NAMES, default=DEFAULT_BASE_MODEL, metavar="NAME")
    parser.add_argument("--models", choices=("tiny", "small"), default="tiny")
    parser.add_argument("--learning-rate", default="0.001")
    parser.add_argument("--omp", choices=OMP, nargs="+", default=["brief"], help="OpenMP waiting, on both sides")
    parser.add_argument("--bf16", action="store_true", help="the Trainer script in bfloat16 too; its default is fp32")
    parser.add_argument("--same-work", action="store_true", help="the Trainer script scores before the fine-tune, too")
    options = parser.parse_args()
    if find_spec("accelerate") is None:
        sys.exit("Trainer needs accelerate: pip install accelerate")
    print(conditions("automl-emulator", "torch", "transformers", "accelerate", "rouge-score"))
    with tempfile.TemporaryDirectory() as folder:
        job = Job(
            options.base_model,
            options.models,
            options.learning_rate,
            Path(folder),
            bf16=options.bf16,
            score_before=options.same_work,
        )
        job.write_data(first_rows(options.rows))
        for omp in options.omp:
            precision = "bfloat16" if options.bf16 else "fp32"
            script = f"Trainer script in {precision}{', scores before too' if options.same_work else ''}"
            print(f"\n{options.rows} rows, {job.local.name}, OpenMP waiting: {omp}, {script}\n")
            print(compare(job, OMP[omp], options.repetitions), flush=True)


if __name__ == "__main__":
    main()
