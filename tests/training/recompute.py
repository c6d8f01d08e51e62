"""The seven metrics again, from a job's artifacts alone, with transformers and rouge-score; nothing of the emulator.

A program too: `python tests/training/recompute.py ENDPOINT JOB` compares them with DescribeAutoMLJobV2.
"""

import io
import json
import math
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import boto3
import torch
from rouge_score.rouge_scorer import RougeScorer
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

ROUGE = {"Rouge1": "rouge1", "Rouge2": "rouge2", "RougeL": "rougeL", "RougeLSum": "rougeLsum"}


class Artifacts:
    """What a candidate left in S3, beside its model."""

    def __init__(self, s3: Any, model_data_url: str) -> None:
        self._s3 = s3
        self._bucket, _, key = model_data_url.removeprefix("s3://").partition("/")
        self._folder = key.rpartition("/")[0]

    def read(self, name: str) -> bytes:
        """An artifact's content."""
        content: bytes = self._s3.get_object(Bucket=self._bucket, Key=f"{self._folder}/{name}")["Body"].read()
        return content

    def json(self, name: str) -> Any:
        """An artifact's content as JSON."""
        return json.loads(self.read(name))

    def predictions(self) -> list[dict[str, str]]:
        """The validation rows in order."""
        return [json.loads(line) for line in self.read("validation_predictions.jsonl").decode().split("\n") if line]

    def unpack_model(self, folder: Path) -> None:
        """The content of model.tar.gz."""
        with tarfile.open(fileobj=io.BytesIO(self.read("model.tar.gz"))) as tar:
            for member in tar:  # not extractall: its filter is not in every Python 3.11
                content = tar.extractfile(member)
                if content is not None:
                    (folder / Path(member.name).name).write_bytes(content.read())


def load(folder: Path) -> tuple[Any, Any]:
    """The model and the tokenizer in a folder, as transformers' own classes load them."""
    architecture = json.loads((folder / "config.json").read_text())["architectures"][0]
    kind = AutoModelForSeq2SeqLM if "ConditionalGeneration" in architecture else AutoModelForCausalLM
    return kind.from_pretrained(folder, dtype=torch.float32).eval(), AutoTokenizer.from_pretrained(folder)


def encoded(tokenizer: Any, prompt: str) -> torch.Tensor:
    """What an encoder reads; of a prompt that has no tokens, the end-of-text token."""
    return torch.tensor([tokenizer(prompt).input_ids or [tokenizer.eos_token_id]])


@torch.no_grad()
def loss_of_row(model: Any, tokenizer: Any, prompt: str, reference: str) -> tuple[float, int]:
    """Summed cross-entropy of one response in nats, and its tokens; one row at a time, without padding."""
    response = [*tokenizer(reference, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
    if model.config.is_encoder_decoder:
        logits = model(input_ids=encoded(tokenizer, prompt), labels=torch.tensor([response])).logits[0]
    else:
        read = tokenizer(prompt, add_special_tokens=False).input_ids
        logits = model(input_ids=torch.tensor([read + response])).logits[0, len(read) - 1 : -1]
    chosen = torch.log_softmax(logits.double(), dim=-1)[range(len(response)), response]
    return -float(chosen.sum()), len(response)


@torch.no_grad()
def continue_prompt(model: Any, tokenizer: Any, prompt: str, max_new_tokens: int) -> str:
    """Greedy text for one prompt."""
    special = model.config.is_encoder_decoder
    if special:
        read = encoded(tokenizer, prompt)
    else:
        read = tokenizer(prompt, add_special_tokens=False, return_tensors="pt").input_ids
    made = model.generate(
        input_ids=read, attention_mask=torch.ones_like(read), do_sample=False, max_new_tokens=max_new_tokens
    )[0]
    text: str = tokenizer.decode(made if special else made[read.shape[1] :], skip_special_tokens=True)
    return text


def evaluate(folder: Path, rows: list[dict[str, str]], max_new_tokens: int) -> dict[str, float]:
    """Validation loss, perplexity and ROUGE of the model in a folder."""
    model, tokenizer = load(folder)
    losses = [loss_of_row(model, tokenizer, row["prompt"], row["reference"]) for row in rows]
    validation_loss = sum(total for total, _ in losses) / sum(tokens for _, tokens in losses)
    scorer = RougeScorer(list(ROUGE.values()), use_stemmer=True)
    scores = [
        scorer.score(row["reference"], continue_prompt(model, tokenizer, row["prompt"], max_new_tokens)) for row in rows
    ]
    return {
        "ValidationLoss": validation_loss,
        "Perplexity": math.exp(validation_loss),
        **{metric: sum(score[name].fmeasure for score in scores) / len(scores) for metric, name in ROUGE.items()},
    }


def recompute(artifacts: Artifacts) -> dict[str, float]:
    """All seven metrics of a candidate."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        artifacts.unpack_model(folder)
        limit = json.loads((folder / "generation_config.json").read_text())["max_new_tokens"]
        metrics = evaluate(folder, artifacts.predictions(), limit)
    steps = artifacts.json("loss_history.json")["steps"]
    last = [step for step in steps if step["epoch"] == steps[-1]["epoch"]]
    metrics["TrainingLoss"] = sum(step["loss"] * step["tokens"] for step in last) / sum(step["tokens"] for step in last)
    return metrics


def described(job: dict[str, Any]) -> dict[str, float]:
    """The metrics as DescribeAutoMLJobV2 has them."""
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    return {metric["StandardMetricName"]: metric["Value"] for metric in metrics}


def main(endpoint: str, name: str) -> None:
    """Print both sides of every metric."""
    options = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    job = boto3.client("sagemaker", **options, **keys).describe_auto_ml_job_v2(AutoMLJobName=name)
    (container,) = job["BestCandidate"]["InferenceContainers"]
    again = recompute(Artifacts(boto3.client("s3", **options, **keys), container["ModelDataUrl"]))
    for metric, value in described(job).items():
        print(f"{metric:15} {value:.9f} {again[metric]:.9f} difference {abs(value - again[metric]):.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
