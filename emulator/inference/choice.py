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
        scores = logits.float().cpu()
        if self._seen is not None:
            seen = torch.tensor(sorted(self._seen))
            known = scores[seen]
            scores = scores.index_copy(0, seen, torch.where(known < 0, known * self._penalty, known / self._penalty))
        if self._sampling is None:
            token = int(scores.argmax())
        else:
            scores = warped(scores, self._sampling)
            token = int(torch.multinomial(scores.softmax(dim=-1), 1, generator=self._generator))
        if self._seen is not None:
            self._seen.add(token)
        return token, float(scores.log_softmax(dim=-1)[token])


def warped(scores: Tensor, sampling: Sampling) -> Tensor:
    """Scores (V) of the distribution to draw from: sharpened or flattened, then without its unlikely tokens."""
    scores = scores / sampling.temperature
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


def _typical(scores: Tensor, mass: float) -> Tensor:
    """Without the tokens whose surprise is farthest from the expected one (Meister et al., 2022)."""
    logprobs = scores.log_softmax(dim=-1)
    probabilities = logprobs.exp()
    entropy = -(probabilities * logprobs).nansum()
    order = (-logprobs - entropy).abs().argsort()
    before = probabilities[order].cumsum(dim=-1).roll(1)
    before[0] = 0.0
    return scores.index_fill(0, order[before >= mass], -torch.inf)
