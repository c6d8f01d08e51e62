"""Which token comes next: the most likely one, or one drawn from the distribution, for each row by itself."""

import torch
from torch import Tensor

from emulator.inference.wanted import Generation, Sampling


class Chooser:
    """Chooses the tokens of one row. It draws from a generator of its own, so that its neighbours change nothing."""

    def __init__(self, generation: Generation, prompt: list[int]) -> None:
        self._penalty = generation.repetition_penalty
        self._sampling = generation.sampling
        self._seen = set(prompt) if self._penalty != 1.0 else None
        self._generator = torch.Generator()
        if self._sampling is not None:
            self._generator.manual_seed(self._sampling.seed % 2**63)

    @property
    def is_plain(self) -> bool:
        """Whether it always takes the most likely token of the logits as they are."""
        return self._sampling is None and self._seen is None

    def choose(self, logits: Tensor) -> tuple[int, float]:
        """The next token for logits (V), and the logarithm of its probability."""
        scores = logits.double().cpu().nan_to_num(nan=-torch.inf)
        if self._seen is not None:
            scores = _finite(self._penalized(scores, self._seen), scores)
        if self._sampling is None:
            token = int(scores.argmax())
        else:
            scores = _finite(warped(scores, self._sampling), scores)
            token = int(torch.multinomial(scores.softmax(dim=-1).float(), 1, generator=self._generator))
        if self._seen is not None:
            self._seen.add(token)
        return token, float(scores.log_softmax(dim=-1)[token])

    def _penalized(self, scores: Tensor, tokens: set[int]) -> Tensor:
        seen = torch.tensor(sorted(tokens))
        known = scores[seen]
        return scores.index_copy(0, seen, torch.where(known < 0, known * self._penalty, known / self._penalty))


def warped(scores: Tensor, sampling: Sampling) -> Tensor:
    """Scores (V) of the distribution to draw from: sharpened or flattened, then without its unlikely tokens."""
    scores = (scores - scores.max()) / sampling.temperature  # so that the best one's is 0 however cold it is
    if sampling.top_k is not None and sampling.top_k < len(scores):
        scores = scores.masked_fill(scores < scores.topk(sampling.top_k).values[-1], -torch.inf)
    if sampling.top_p is not None:
        ordered, order = scores.sort(descending=True)
        before = ordered.softmax(dim=-1).cumsum(dim=-1).roll(1)
        before[0] = 0.0
        scores = scores.index_fill(0, order[before >= sampling.top_p], -torch.inf)
    if sampling.typical_p is not None:
        scores = _typical(scores, sampling.typical_p)
    return scores


def _finite(scores: Tensor, before: Tensor) -> Tensor:
    """Scores of a distribution: where parameters beyond all measure left none, that of the likeliest token alone."""
    if scores.max().isfinite() and not scores.isnan().any():
        return scores
    alone = torch.full_like(before, -torch.inf)
    alone[before.argmax()] = 0.0
    return alone


def _typical(scores: Tensor, mass: float) -> Tensor:
    """Without the tokens whose surprise is farthest from the expected one (Meister et al., 2022)."""
    logprobs = scores.log_softmax(dim=-1)
    probabilities = logprobs.exp()
    entropy = -(probabilities * logprobs).nansum()
    order = (-logprobs - entropy).abs().argsort()
    before = probabilities[order].cumsum(dim=-1).roll(1)
    before[0] = 0.0
    return scores.index_fill(0, order[before >= mass], -torch.inf)
