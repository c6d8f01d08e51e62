"""The training phase alone, tokens a second of our fit beside Trainer (with peft where we take adapters); for GPUs.

Models of random weights, whose speed is that of real ones: nothing has to be downloaded. Each run is a process of its
own.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, LlamaConfig

from emulator.base_models.catalogue import DEFAULT_BASE_MODEL, base_model
from emulator.executors.environment import training_environment
from emulator.settings import Settings
from emulator.training.dataset import Row
from tests.benchmarks.fine_tune import TRAINER_SCRIPT, first_rows
from tests.benchmarks.machine import conditions
from tests.benchmarks.timing import comparison, in_turn, note, table

LORA = ("--lora",)


@dataclass(frozen=True)
class Shape:
    """A decoder by its sizes, and what the Trainer script is told besides."""

    sizes: Mapping[str, Any]
    trainer: tuple[str, ...] = ()


SHAPES = {
    "tiny": Shape({"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}),
    "smollm2-135m": Shape(
        {
            "hidden_size": 576,
            "intermediate_size": 1536,
            "num_hidden_layers": 30,
            "num_attention_heads": 9,
            "num_key_value_heads": 3,
            "vocab_size": 49152,
            "tie_word_embeddings": True,
        }
    ),
    "1b": Shape(
        {
            "hidden_size": 2048,
            "intermediate_size": 5632,
            "num_hidden_layers": 22,
            "num_attention_heads": 32,
            "num_key_value_heads": 4,
            "vocab_size": 32000,
        },
        LORA,
    ),
    "7b": Shape(
        {
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "vocab_size": 32000,
        },
        LORA,
    ),
}


@dataclass(frozen=True)
class Run:
    """Seconds of the training phase, the tokens read in it, and the mean loss of its epoch."""

    seconds: float
    tokens: int
    loss: float

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:.0f} tokens/s in {self.seconds:.2f} s"


def write_folder(shape: Shape, folder: Path) -> None:
    """A configuration with our own tokenizer, whose tokens are among those of every shape."""
    tokenizer = AutoTokenizer.from_pretrained(base_model(DEFAULT_BASE_MODEL).local.folder)
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id, "bos_token_id": None}
    LlamaConfig(**{"vocab_size": len(tokenizer)} | dict(shape.sizes) | ends).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def run(command: list[str], seed: int) -> Run:
    """A side's process from start to end, of which only its training phase counts."""
    whole = [sys.executable, *command, "--seed", str(seed)]
    done = subprocess.run(whole, env=training_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[:2]} failed:\n{done.stderr}")
    told = json.loads(done.stdout.splitlines()[-1])
    return Run(told["seconds"], told["tokens"], told["loss"])


def compare(name: str, rows: list[Row], options: argparse.Namespace) -> str:
    """A table of both sides on a shape; both see the rows in other orders, so their losses are alike, not equal."""
    shape = SHAPES[name]
    seeds = count(Settings().seed)
    with tempfile.TemporaryDirectory() as place:
        folder, data = Path(place), Path(place) / "training.csv"
        write_folder(shape, folder)
        with data.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([Row._fields, *rows])
        work = ["--model", place, "--random-weights", "--template", base_model(DEFAULT_BASE_MODEL).local.prompt]
        work += ["--training", str(data), "--device", options.device, "--learning-rate", "0.0002"]
        precision = ["--bf16"] if options.bf16 else []
        trainer = [str(TRAINER_SCRIPT), "--training-only", *precision, *shape.trainer, *work]
        ours = ["-m", "tests.benchmarks.fit_alone", *work]
        note(f"  first runs, not counted: {run(ours, next(seeds))} beside {run(trainer, next(seeds))}")
        our_runs, their_runs = in_turn(
            options.repetitions, lambda: run(ours, next(seeds)), lambda: run(trainer, next(seeds))
        )
    if {one.tokens for one in [*our_runs, *their_runs]} != {our_runs[0].tokens}:
        raise RuntimeError("the two sides did not read the same tokens")
    figures = [
        comparison("tokens/s", [one.rate for one in our_runs], [one.rate for one in their_runs], 0),
        comparison("training loss", [one.loss for one in our_runs], [one.loss for one in their_runs], 3),
    ]
    return table(("figure", "our fit", "Trainer", "ratio"), figures)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--shapes", choices=SHAPES, nargs="+", default=["smollm2-135m", "7b"])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True, help="Trainer in bfloat16, too")
    options = parser.parse_args()
    print(conditions("automl-emulator", "torch", "transformers", "accelerate", "peft"))
    for name in options.shapes:
        with_what = "Trainer with peft" if SHAPES[name].trainer == LORA else "Trainer"
        precision = "bfloat16" if options.bf16 else "fp32"
        print(f"\n{options.rows} rows, {name} of random weights, {options.device}, {with_what} in {precision}\n")
        print(compare(name, first_rows(options.rows), options), flush=True)


if __name__ == "__main__":
    main()
