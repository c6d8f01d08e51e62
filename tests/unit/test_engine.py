"""What endpoints write, many rows at once, beside what transformers writes for each alone."""

from typing import Any

import pytest

from emulator.inference.engine import Engine
from emulator.inference.row import Row
from emulator.inference.wanted import Generation, Prompt, Text
from tests.support.checkpoints import tokenizer
from tests.support.random_models import KINDS, LONE, LONE_PROMPTS, PROMPTS, by_transformers, lone_model, random_model


def written(model: Any, batches: list[list[list[int]]], longest: int) -> list[list[int]]:
    """What an engine writes after prompts, each batch of which comes a step after the one before it."""
    made = tokenizer(pad="<pad>", eos="</s>")
    engine = Engine(model, made)
    rows: list[Row] = []
    failures: list[object] = []
    for prompts in batches:
        texts = [Text(Prompt("", prompt), Generation(longest)) for prompt in prompts]
        coming = [Row(text, made, lambda *_: None, lambda _, problem: failures.append(problem)) for text in texts]
        rows += coming
        engine.submit(coming)
        engine.work()
    while not failures and any(row.written.reason is None for row in rows):
        engine.work()
    assert not failures
    return [[token.id for token in row.written.tokens] for row in rows]


@pytest.mark.parametrize("name", KINDS)
def test_rows_together_get_what_each_gets_alone(name: str) -> None:
    """Prompts of any length, some of which come while others are written, get the tokens of `generate`."""
    model = random_model(name)
    assert written(model, [PROMPTS[:3], PROMPTS[3:]], 12) == [by_transformers(model, prompt, 12) for prompt in PROMPTS]


@pytest.mark.parametrize("model_type", LONE)
def test_rows_that_have_to_go_alone_do(model_type: str) -> None:
    """Models that cannot be batched, or that keep no keys and values, write what `generate` writes."""
    model = lone_model(model_type)
    expected = [by_transformers(model, prompt, 8) for prompt in LONE_PROMPTS]
    assert written(model, [LONE_PROMPTS[:3], LONE_PROMPTS[3:]], 8) == expected
