"""What a model is worth on the validation rows."""

from dataclasses import dataclass

from emulator.generation.continuations import continuations
from emulator.problem_types.text_generation.data import Data
from emulator.problem_types.text_generation.phases import Phases
from emulator.problem_types.text_generation.subject import Subject
from emulator.training import metrics


@dataclass(frozen=True)
class Evaluation:
    """Metrics by StandardMetricName, the number of tokens behind the loss, and the generated texts in row order."""

    metrics: dict[str, float]
    tokens: int
    texts: list[str]


def evaluate(subject: Subject, data: Data, phases: Phases, when: str, loss: metrics.Loss | None = None) -> Evaluation:
    """Measure the model as it stands: cross-entropy, unless it is known, perplexity, and ROUGE of greedy texts."""
    if loss is None:
        with phases.phase(f"loss_{when}"):
            loss = metrics.cross_entropy(subject.model, data.validation_batches)
        phases.tokens(f"loss_{when}", sum(batch.read for batch in data.validation_batches))
    with phases.phase(f"generation_{when}"):
        prompts = [example.prompt for example in data.validation]
        written = continuations(subject.model, subject.tokenizer, prompts, data.max_new_tokens)
        texts = subject.tokenizer.batch_decode(written, skip_special_tokens=True)
    phases.tokens(f"generation_{when}", sum(len(tokens) for tokens in written))
    with phases.phase(f"rouge_{when}"):
        rouge = metrics.rouge([row.output for row in data.validation_rows], texts)
    return Evaluation(
        rouge | {"Perplexity": metrics.perplexity(loss.mean), "ValidationLoss": loss.mean}, loss.tokens, texts
    )
