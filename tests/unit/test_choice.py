"""Which token comes next, where parameters leave the likeliest one alone, and where a row breaks."""

import math
from typing import Any, cast

import pytest
import torch

from emulator import errors
from emulator.inference.batch import Batch
from emulator.inference.choice import Chooser
from emulator.inference.form import Limits, Results
from emulator.inference.row import Row
from emulator.inference.tgi import Tgi
from emulator.inference.wanted import Generation, Prompt, Sampling, Text, Token, Wanted, Written

LOGITS = torch.tensor([0.5, -3.0, 9.0, 8.5, -40.0])


@pytest.mark.parametrize("temperature", [1e-45, 1e-40, 1e-6, 1e-3])
@pytest.mark.parametrize("cut", [{}, {"top_k": 3}, {"top_p": 0.9}, {"typical_p": 0.9}])
def test_the_coldest_draw_is_the_likeliest_token(temperature: float, cut: dict[str, Any]) -> None:
    """Scores are divided by any temperature without becoming infinite, whatever else cuts the distribution."""
    token, logprob = Chooser(Generation(9, Sampling(1, temperature, **cut)), [0]).choose(LOGITS)
    assert token == 2
    assert logprob == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("penalty", [1e-45, 1e-40, 1e30, 1e300])
@pytest.mark.parametrize("sampling", [None, Sampling(1), Sampling(1, 1e-40), Sampling(1, 1e300)])
@pytest.mark.parametrize("prompt", [[0], [2], [0, 1, 2, 3, 4]])
def test_any_penalty_chooses_a_token(penalty: float, sampling: Sampling | None, prompt: list[int]) -> None:
    """A repetition penalty beyond all measure chooses some token, with a probability that is a number."""
    token, logprob = Chooser(Generation(9, sampling, penalty), prompt).choose(LOGITS)
    assert 0 <= token < len(LOGITS)
    assert math.isfinite(logprob)


@pytest.mark.parametrize("logits", [[math.nan] * 3, [math.inf, 0.0, math.inf], [-math.inf] * 3, [math.nan, 1.0, 0.0]])
def test_logits_that_are_no_numbers_choose_a_token(logits: list[float]) -> None:
    """What a model says that overflowed is drawn from as if its best token were the only one."""
    token, logprob = Chooser(Generation(9, Sampling(1, 0.5), 1.2), [0]).choose(torch.tensor(logits))
    assert 0 <= token < 3
    assert math.isfinite(logprob)


def test_an_answer_has_no_number_that_json_has_not() -> None:
    """A probability that is none ends the text as a failure of the model: JSON has neither NaN nor Infinity."""
    text, unused = Text(Prompt("a", [0]), Generation(9)), cast("Any", None)
    for logprob in (math.nan, -math.inf):
        written = Written([Token(1, "b", logprob, special=False)], "b", "length")
        with pytest.raises(errors.ContainerError, match="a probability is not finite"):
            Tgi(Limits(9, 9, 9), unused).answer(Wanted([text], stream=False, details=True), Results([written]))


class _Tokenizer:
    """Each token is a letter."""

    all_special_ids: tuple[int, ...] = ()

    def decode(self, ids: list[int], **_: Any) -> str:
        """The letters of tokens."""
        return "".join(chr(97 + token) for token in ids)


class _Past:
    """A cache that remembers which rows were kept."""

    kept: Any = None

    def keep(self, rows: torch.Tensor) -> None:
        """Keep some rows alone."""
        self.kept = rows.tolist()


class _Reader:
    """A model that always says the same."""

    device = torch.device("cpu")

    def __init__(self) -> None:
        self.past = _Past()

    def read(self, prompts: list[list[int]]) -> tuple[_Past, torch.Tensor]:
        """Logits for each row."""
        return self.past, LOGITS.repeat(len(prompts), 1)


def _broken(*_: Any) -> Any:
    raise IndexError("out of luck")


@pytest.mark.parametrize("place", ["choosing", "telling"])
def test_a_row_that_breaks_fails_alone(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Whatever goes wrong with one row, in choosing or in telling its token, its neighbours get their tokens."""
    failures: list[tuple[Row, errors.ContainerError]] = []

    def row(told: Any) -> Row:
        text = Text(Prompt("a", [0]), Generation(9, Sampling(1, 1e-40)))
        return Row(text, _Tokenizer(), told, lambda row, problem: failures.append((row, problem)))

    rows = [row(lambda *_: None), row(_broken if place == "telling" else lambda *_: None), row(lambda *_: None)]
    if place == "choosing":
        monkeypatch.setattr(rows[1].chooser, "choose", _broken)
    reader: Any = _Reader()
    batch = Batch(reader, rows, frozenset())
    assert batch.rows == [rows[0], rows[2]]
    assert reader.past.kept == [0, 2]
    assert [[token.id for token in one.written.tokens] for one in batch.rows] == [[2], [2]]
    ((failed, problem),) = failures
    assert failed is rows[1]
    assert "IndexError: out of luck" in problem.message
