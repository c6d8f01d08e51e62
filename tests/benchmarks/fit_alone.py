"""The emulator's fit and nothing else, a whole process: what `trainer_script.py --training-only` does, on our side."""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from emulator.training.batches import Batcher
from emulator.training.dataset import read_rows
from emulator.training.fit import Epoch, HyperParameters, Step, fit
from emulator.training.load_model import load_model
from emulator.training.lora import method, trainable
from emulator.training.prompts import PromptFormat
from emulator.training.sequence_packing import can_be_packed
from emulator.training.update import Updater

CONTEXT = 1024


class Watcher:
    """Lets every step pass."""

    def on_step(self, _step: Step, _steps: int, _epoch: Epoch | None) -> None:
        """Nothing is reported."""

    def must_stop(self, _seconds: float) -> bool:
        """There is no limit."""
        return False


def load(folder: Path, device: torch.device, *, random_weights: bool) -> tuple[Any, Any]:
    """Model and tokenizer, as a job has them; the weights drawn at random on the device where there are none."""
    if not random_weights:
        return load_model(folder, device, encoder_decoder=False)
    with device:
        config = AutoConfig.from_pretrained(folder)
        model: Any = AutoModelForCausalLM.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Train, and tell in how many seconds so many tokens were read."""
    device = torch.device(options.device)
    torch.manual_seed(options.seed)
    model, tokenizer = load(Path(options.model), device, random_weights=options.random_weights)
    rows = list(read_rows(Path(options.training), options.training, "text/csv"))
    examples = PromptFormat(options.template, CONTEXT, encoder_decoder=False).encode(rows, tokenizer)
    batcher = Batcher(encoder_decoder=False, pad=tokenizer.pad_token_id, device=device, packed=can_be_packed(model))
    parameters = HyperParameters(options.epochs, options.batch_size, options.learning_rate, options.warmup_steps)
    validation = [batcher.batch(examples[:1])]  # one row, for the loss that a fit measures after each epoch
    how = method(model)
    with trainable(model):
        updater = Updater(model, batcher)
        history = fit(model, examples, validation, updater, parameters, seed=options.seed, watcher=Watcher())
    tokens = sum(step.read for step in history.steps)
    return {"seconds": history.seconds, "tokens": tokens, "loss": history.epochs[-1].training_loss, "method": how}


def main() -> None:
    """Run with what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a model folder")
    parser.add_argument("--random-weights", action="store_true", help="the folder has a configuration and a tokenizer")
    parser.add_argument("--template", required=True, help="the prompt, with {input} in it")
    parser.add_argument("--training", required=True, help="a CSV file with the columns input and output")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--warmup-steps", type=int, default=2)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seed", type=int, default=42)
    print(json.dumps(run(parser.parse_args())))


if __name__ == "__main__":
    main()
