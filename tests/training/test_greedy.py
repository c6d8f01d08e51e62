"""Our greedy decoding beside transformers' `generate`, for each kind of model and each way to end."""

from typing import Any

import pytest
import torch

from emulator import errors
from emulator.generation.continuations import continuations
from emulator.generation.greedy import decode_greedily
from tests.support.random_models import (
    KINDS,
    LONE,
    LONE_PROMPTS,
    PAD,
    PROMPTS,
    by_transformers,
    lone_model,
    random_model,
    with_few_places,
)


@pytest.fixture(name="model", params=KINDS)
def _model(request: pytest.FixtureRequest) -> Any:
    return random_model(request.param)


def test_batch_writes_what_transformers_writes_alone(model: Any) -> None:
    """Rows of any length, together, get the tokens that each gets from `generate` alone."""
    assert decode_greedily(model, PROMPTS, PAD, 12) == [by_transformers(model, prompt, 12) for prompt in PROMPTS]


def test_prompts_read_in_parts_change_no_text(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows get the same tokens where prompts are read in parts, and where keys and values outgrow their room."""
    monkeypatch.setattr("emulator.generation.reader.PART_TOKENS", 3)
    monkeypatch.setattr("emulator.generation.roomy_layer.ROOM", 2)
    prompts = sorted(PROMPTS, key=len, reverse=True)
    assert decode_greedily(model, prompts, PAD, 12) == [by_transformers(model, prompt, 12) for prompt in prompts]


@pytest.mark.parametrize(("kind", "read"), [("llama", 40 * 30 + 5 * 30), ("mistral", 40 * 60)])
def test_many_short_prompts_are_not_padded_to_long_ones(kind: str, read: int) -> None:
    """Prompts are read in parts of like length, and none twice; together where a sliding window cannot be joined."""
    model = random_model(kind)
    seen: list[int] = []
    model.get_input_embeddings().register_forward_hook(lambda _, ids, __: seen.append(ids[0].numel()))
    decode_greedily(model, [[7] * 40] * 30 + [[9] * 5] * 30, PAD, 1)
    assert sum(seen) == read


def test_rows_end_with_any_of_the_models_end_tokens(model: Any) -> None:
    """A row is over at its first end token, of which a model may have several; the others go on."""
    free = [by_transformers(model, prompt, 12) for prompt in PROMPTS]
    model.generation_config.eos_token_id = [free[0][-1], free[2][0]]
    written = decode_greedily(model, PROMPTS, PAD, 12)
    assert written == [by_transformers(model, prompt, 12) for prompt in PROMPTS]
    assert all(tokens[-1] in model.generation_config.eos_token_id or len(tokens) == 12 for tokens in written)


def test_model_without_an_end_token_writes_to_the_limit(model: Any) -> None:
    """Where nothing ends a text, the limit does."""
    model.generation_config.eos_token_id = None
    assert {len(tokens) for tokens in decode_greedily(model, PROMPTS, PAD, 7)} == {7}


@pytest.mark.parametrize("model_type", ["mpt", "gpt_neo"])
def test_batch_is_never_wider_than_the_model_has_places(model_type: str) -> None:
    """Short rows go on beside ones that end at the model's last place, where padding would take them beyond it."""
    model = with_few_places(model_type, 16)
    model.generation_config.eos_token_id = None
    prompts = [[5 + place for place in range(length)] for length in (15, 2, 9, 16)]
    expected = [by_transformers(model, prompt, min(12, max(1, 16 - len(prompt)))) for prompt in prompts]
    assert decode_greedily(model, prompts, PAD, 12) == expected


class _Tokenizer:
    pad_token_id = PAD


def test_generation_halves_its_batch_where_memory_ends(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory, fewer rows go together, and every row keeps its text and its place."""

    def small(model: Any, prompts: list[list[int]], pad: int, longest: int) -> list[list[int]]:
        if len(prompts) > 2:
            raise torch.OutOfMemoryError("no room")
        return decode_greedily(model, prompts, pad, longest)

    whole = decode_greedily(model, PROMPTS, PAD, 5)
    monkeypatch.setattr("emulator.generation.continuations.decode_greedily", small)
    assert continuations(model, _Tokenizer(), PROMPTS, 5) == whole


def test_generation_tells_where_one_row_is_too_much(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single row that does not fit is a failure that says what to do."""

    def none(*_: object) -> list[list[int]]:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr("emulator.generation.continuations.decode_greedily", none)
    with pytest.raises(errors.JobFailure, match="Choose a smaller base model"):
        continuations(model, _Tokenizer(), PROMPTS, 5)


@pytest.mark.parametrize("model_type", LONE)
def test_rows_that_have_to_go_alone_do(model_type: str) -> None:
    """Models that cannot be batched, or that keep no keys and values, write what `generate` writes."""
    model = lone_model(model_type)
    expected = [by_transformers(model, prompt, 8) for prompt in LONE_PROMPTS]
    assert continuations(model, _Tokenizer(), LONE_PROMPTS, 8) == expected
