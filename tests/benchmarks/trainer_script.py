"""A fine-tune as a user would write it with Hugging Face's Trainer, a whole process that starts from nothing.

Reads two CSV files, trains on response tokens only, measures validation loss and ROUGE, and prints JSON. It imports
nothing of the emulator, and does less: no archive, no upload, and scores before fine-tuning where they are asked for
only. Needs `accelerate`.
"""

# ruff: noqa: E402 - the imports are the first thing that is timed
import time

BEGAN = time.perf_counter()

import argparse
import csv
import json
import tempfile
from statistics import fmean
from typing import Any

import torch
from rouge_score.rouge_scorer import RougeScorer
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    Trainer,
    TrainingArguments,
    set_seed,
)

IMPORTED = time.perf_counter()
EVALUATION_ROWS = 32
MOST_NEW_TOKENS = 256
ROUGE = {"Rouge1": "rouge1", "Rouge2": "rouge2", "RougeL": "rougeL", "RougeLSum": "rougeLsum"}


def read_rows(path: str) -> list[dict[str, str]]:
    """Rows with `input` and `output`."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def encode(rows: list[dict[str, str]], tokenizer: Any, template: str) -> list[dict[str, list[int]]]:
    """Prompt and response as one sequence, of which the response and its end are to be learnt."""
    encoded = []
    for row in rows:
        prompt = tokenizer(template.replace("{input}", row["input"]), add_special_tokens=False).input_ids
        response = [*tokenizer(row["output"], add_special_tokens=False).input_ids, tokenizer.eos_token_id]
        encoded.append({"input_ids": prompt + response, "labels": [-100] * len(prompt) + response})
    return encoded


def make_trainer(
    options: argparse.Namespace, model: Any, tokenizer: Any, training: list[Any], validation: list[Any], folder: str
) -> Trainer:
    """A Trainer with the hyperparameters of the command line, and nothing switched on that costs time."""
    arguments = TrainingArguments(
        output_dir=folder,
        num_train_epochs=options.epochs,
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=EVALUATION_ROWS,
        learning_rate=options.learning_rate,
        warmup_steps=options.warmup_steps,
        lr_scheduler_type="linear",
        weight_decay=0.01,
        max_grad_norm=1.0,
        optim="adamw_torch_fused",
        bf16=options.bf16,
        use_cpu=options.device == "cpu",
        dataloader_pin_memory=options.device != "cpu",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=options.seed,
    )
    collator = DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=-100)
    data: dict[str, Any] = {"train_dataset": training, "eval_dataset": validation}
    return Trainer(model=model, args=arguments, data_collator=collator, processing_class=tokenizer, **data)


@torch.no_grad()
def validation_loss(trainer: Trainer, model: Any) -> tuple[float, int]:
    """Nats per response token, and how many tokens: `trainer.evaluate()` would weigh rows of any length alike."""
    model.eval()
    total, tokens = 0.0, 0
    for batch in trainer.get_eval_dataloader():
        count = int((batch["labels"][:, 1:] != -100).sum())
        total += float(model(**batch).loss) * count
        tokens += count
    return total / tokens, tokens


@torch.no_grad()
def generate(model: Any, tokenizer: Any, prompts: list[str], longest: int) -> list[str]:
    """Greedy answers, some prompts at a time."""
    model.eval()
    texts: list[str] = []
    for start in range(0, len(prompts), EVALUATION_ROWS):
        chosen = prompts[start : start + EVALUATION_ROWS]
        encoded = tokenizer(chosen, add_special_tokens=False, padding=True, padding_side="left", return_tensors="pt")
        batch = encoded.to(model.device)
        generated = model.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            max_new_tokens=longest,
            do_sample=False,
        )
        texts += tokenizer.batch_decode(generated[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
    return texts


def rouge(rows: list[dict[str, str]], texts: list[str]) -> dict[str, float]:
    """F-measures, averaged over the rows."""
    scorer = RougeScorer(list(ROUGE.values()), use_stemmer=True)
    scores = [scorer.score(row["output"], text) for row, text in zip(rows, texts, strict=True)]
    return {name: fmean(score[kind].fmeasure for score in scores) for name, kind in ROUGE.items()}


def load(options: argparse.Namespace) -> tuple[Any, Any]:
    """Model and tokenizer. Under adapters the weights are in bfloat16, as is usual, where bfloat16 is asked for."""
    dtype = torch.bfloat16 if options.lora and options.bf16 else torch.float32
    if options.random_weights:
        with torch.device(options.device):
            config = AutoConfig.from_pretrained(options.model)
            model: Any = AutoModelForCausalLM.from_config(config, dtype=dtype)  # type: ignore[no-untyped-call]
    else:
        model = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype)
    if options.lora:
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear"))
    return model, AutoTokenizer.from_pretrained(options.model, padding_side="right")


def train_only(options: argparse.Namespace, folder: str) -> dict[str, Any]:
    """The training phase alone: its seconds, the tokens that it read, and the mean loss of its steps."""
    set_seed(options.seed)
    model, tokenizer = load(options)
    training = encode(read_rows(options.training), tokenizer, options.template)
    trainer = make_trainer(options, model, tokenizer, training, training, folder)
    began = time.perf_counter()
    trained = trainer.train()
    seconds = time.perf_counter() - began
    tokens = options.epochs * sum(len(row["input_ids"]) for row in training)
    return {"seconds": seconds, "tokens": tokens, "loss": trained.training_loss}


def score(
    options: argparse.Namespace, trainer: Trainer, tokenizer: Any, rows: list[dict[str, str]], longest: int
) -> tuple[dict[str, float], int, dict[str, float]]:
    """Metrics of the model as it stands, how many tokens its loss is of, and the seconds of each part."""
    model: Any = trainer.model
    began = time.perf_counter()
    loss, tokens = validation_loss(trainer, model)
    evaluated = time.perf_counter()
    texts = generate(model, tokenizer, [options.template.replace("{input}", row["input"]) for row in rows], longest)
    generated = time.perf_counter()
    metrics = {"ValidationLoss": loss, **rouge(rows, texts)}
    seconds = {"evaluate": evaluated - began, "generate": generated - evaluated}
    return metrics, tokens, seconds | {"rouge": time.perf_counter() - generated}


def run(options: argparse.Namespace, folder: str) -> dict[str, Any]:
    """The whole job; seconds of each phase, and what came of it."""
    set_seed(options.seed)
    training_rows, validation_rows = read_rows(options.training), read_rows(options.validation)
    model, tokenizer = load(options)
    training = encode(training_rows, tokenizer, options.template)
    validation = encode(validation_rows, tokenizer, options.template)
    longest = min(MOST_NEW_TOKENS, max(sum(label != -100 for label in row["labels"]) for row in training))
    trainer = make_trainer(options, model, tokenizer, training, validation, folder)
    loaded = time.perf_counter()
    if options.score_before:
        with torch.autocast(options.device, torch.bfloat16, enabled=options.bf16):  # as Trainer has it afterwards
            score(options, trainer, tokenizer, validation_rows, longest)
    before = time.perf_counter()
    trainer.train()
    trained = time.perf_counter()
    metrics, tokens, seconds = score(options, trainer, tokenizer, validation_rows, longest)
    scored = time.perf_counter()
    trainer.save_model(folder)  # what a user trains for
    ended = time.perf_counter()
    return {
        "seconds": {
            "imports": IMPORTED - BEGAN,
            "load": loaded - IMPORTED,
            **({"scores before": before - loaded} if options.score_before else {}),
            "train": trained - before,
            **seconds,
            "save": ended - scored,
            "total": ended - BEGAN,
        },
        "metrics": metrics,
        "validation_tokens": tokens,
        "device": str(model.device),
    }


def main() -> None:
    """Run with what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a model folder")
    parser.add_argument("--training", required=True, help="a CSV file with the columns input and output")
    parser.add_argument("--validation", help="another; needed unless --training-only")
    parser.add_argument("--score-before", action="store_true", help="score the model before fine-tuning, too")
    parser.add_argument("--training-only", action="store_true", help="train, and measure nothing but that")
    parser.add_argument("--random-weights", action="store_true", help="the folder has a configuration and a tokenizer")
    parser.add_argument("--lora", action="store_true", help="train adapters, with peft")
    parser.add_argument("--template", required=True, help="the prompt, with {input} in it")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--warmup-steps", type=int, default=2)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--bf16", action="store_true", help="mixed precision; the default is fp32")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(train_only(options, folder) if options.training_only else run(options, folder)))


if __name__ == "__main__":
    main()
