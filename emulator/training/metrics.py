"""The metrics of text generation, each a pure function with its formula."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from rouge_score.rouge_scorer import RougeScorer

from emulator.training.batches import Batch, response_logits

STEMMER = True
"""Porter stemming in ROUGE, as AWS's own evaluation library (fmeval) does by default."""

DOUBLES_AT_ONCE = 512
"""Tokens, each with a double for every word of the vocabulary."""

_ROUGE = {"Rouge1": "rouge1", "Rouge2": "rouge2", "RougeL": "rougeL", "RougeLSum": "rougeLsum"}


class Loss(NamedTuple):
    """A sum of cross-entropies in nats, over so many response tokens."""

    total: float
    tokens: int

    @property
    def mean(self) -> float:
        """Nats per response token."""
        return self.total / self.tokens


@torch.no_grad()
def cross_entropy(model: Any, data: Sequence[Batch]) -> Loss:
    """-sum(log p(token | prompt, tokens before it)) over all response tokens, the end-of-text token included.

    The logarithms are taken in double precision, so that the sum does not depend on the batches.
    """
    total = 0.0
    tokens = 0
    for batch in data:
        logits, targets = response_logits(model, batch)
        parts = zip(torch.split(logits, DOUBLES_AT_ONCE), torch.split(targets, DOUBLES_AT_ONCE), strict=True)
        for some, wanted in parts:
            total += float(torch.nn.functional.cross_entropy(some.double(), wanted, reduction="sum"))
        tokens += len(targets)
    return Loss(total, tokens)


def perplexity(mean_cross_entropy: float) -> float:
    """exp(cross-entropy in nats per token); infinite where that is beyond a double."""
    try:
        return math.exp(mean_cross_entropy)
    except OverflowError:
        return math.inf


def rouge(references: Sequence[str], predictions: Sequence[str]) -> dict[str, float]:
    """Rouge1, Rouge2, RougeL and RougeLSum: F-measures by rouge-score, averaged over the rows (0 to 1)."""
    scorer = RougeScorer(list(_ROUGE.values()), use_stemmer=STEMMER)
    scores = [scorer.score(reference, text) for reference, text in zip(references, predictions, strict=True)]
    return {
        metric: math.fsum(score[name].fmeasure for score in scores) / len(scores) for metric, name in _ROUGE.items()
    }
