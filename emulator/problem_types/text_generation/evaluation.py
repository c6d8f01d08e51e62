"""What a model is worth on the validation rows."""

from dataclasses import dataclass

from emulator.problem_types.text_generation.data import Data
from emulator.problem_types.text_generation.subject import Subject
from emulator.training import metrics
from emulator.training.generate import generate


@dataclass(frozen=True)
class Evaluation:
    """Metrics by StandardMetricName, the number of tokens behind the loss, and the generated texts in row order."""

    metrics: dict[str, float]
    tokens: int
    texts: list[str]


def evaluate(subject: Subject, data: Data) -> Evaluation:
    """Measure the model as it stands: cross-entropy, perplexity, and ROUGE of greedy texts."""
    loss = metrics.cross_entropy(subject.model, data.validation_batches)
    prompts = [example.prompt for example in data.validation]
    texts = generate(subject.model, subject.tokenizer, prompts, data.max_new_tokens)
    rouge = metrics.rouge([row.output for row in data.split.validation], texts)
    return Evaluation(
        rouge | {"Perplexity": metrics.perplexity(loss.mean), "ValidationLoss": loss.mean}, loss.tokens, texts
    )
