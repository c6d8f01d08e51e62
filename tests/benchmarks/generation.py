"""Generation for ROUGE beside transformers' `generate` one row at a time; prints a table for RESULTS.md."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from emulator.base_models.catalogue import BASE_MODEL_NAMES, DEFAULT_BASE_MODEL, base_model
from emulator.executors.environment import training_environment
from emulator.generation.continuations import continuations
from emulator.training.load_model import load_model
from emulator.training.prompts import PromptFormat
from tests.benchmarks.fine_tune import first_rows
from tests.benchmarks.machine import conditions
from tests.benchmarks.timing import comparison, in_turn, table


@dataclass(frozen=True)
class Run:
    """Seconds, tokens, and the texts as token ids."""

    seconds: float
    texts: list[list[int]]

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return sum(map(len, self.texts)) / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:.0f} tokens/s in {self.seconds:.2f} s"


@torch.no_grad()
def one_at_a_time(model: Any, prompts: list[list[int]], longest: int) -> list[list[int]]:
    """By `model.generate`, each prompt alone."""
    texts = []
    for prompt in prompts:
        ids = torch.tensor([prompt], device=model.device)
        made = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=longest, do_sample=False
        )[0].tolist()
        texts.append(made[1:] if model.config.is_encoder_decoder else made[len(prompt) :])
    return texts


def timed(generate: Callable[[], list[list[int]]]) -> Run:
    """One run."""
    began = time.perf_counter()
    texts = generate()
    return Run(time.perf_counter() - began, texts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--longest", type=int, default=32, help="most new tokens")
    parser.add_argument("--base-model", choices=BASE_MODEL_NAMES, default=DEFAULT_BASE_MODEL, metavar="NAME")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    environment = training_environment()
    if dict(os.environ) != environment:  # OpenMP read its own when torch was imported
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606
    print(conditions("automl-emulator", "torch", "transformers"))
    base = base_model(options.base_model)
    encoder_decoder = base.architecture == "encoder-decoder"
    model, tokenizer = load_model(base.local.folder, torch.device(options.device), encoder_decoder=encoder_decoder)
    prompt_format = PromptFormat(base.local.prompt, base.context, encoder_decoder)
    prompts = prompt_format.encode_prompts([row.input for row in first_rows(options.rows)], tokenizer)
    ours, theirs = in_turn(
        options.repetitions,
        lambda: timed(lambda: continuations(model, tokenizer, prompts, options.longest)),
        lambda: timed(lambda: one_at_a_time(model, prompts, options.longest)),
    )
    same = sum(mine == other for mine, other in zip(ours[0].texts, theirs[0].texts, strict=True))
    print(f"\n{options.rows} prompts, {options.base_model}, {options.device}; {same} of {options.rows} texts equal\n")
    rates = comparison("tokens/s", [run.rate for run in ours], [run.rate for run in theirs], 0)
    print(table(("figure", "all rows, batched", "`generate`, one row at a time", "ratio"), [rates]))


if __name__ == "__main__":
    main()
