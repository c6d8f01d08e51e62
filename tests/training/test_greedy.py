"""Our greedy decoding beside transformers' `generate`, for each kind of model and each way to end."""

from typing import Any

import pytest
import torch
from transformers import (
    FalconConfig,
    FalconForCausalLM,
    GenerationConfig,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    MptConfig,
    MptForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from emulator import errors
from emulator.training.generate import continuations
from emulator.training.greedy import decode_greedily

PAD, END, WORDS = 0, 1, 40
PROMPTS = [[5, 6, 7], [8], [9, 10, 11, 12, 13, 14, 15], [3, 3], [20, 21, 22, 23], [30, 2]]
SIZES: dict[str, Any] = {"vocab_size": WORDS, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
WIDTH: dict[str, Any] = {"intermediate_size": 64}
T5_SIZES: dict[str, Any] = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
KINDS: dict[str, tuple[type, Any]] = {
    "falcon": (FalconForCausalLM, FalconConfig(**SIZES)),
    "falcon-alibi": (FalconForCausalLM, FalconConfig(**SIZES, alibi=True)),
    "gpt-neox": (GPTNeoXForCausalLM, GPTNeoXConfig(**SIZES, **WIDTH)),
    "llama": (LlamaForCausalLM, LlamaConfig(**SIZES, **WIDTH, num_key_value_heads=2)),
    "mistral": (MistralForCausalLM, MistralConfig(**SIZES, **WIDTH, num_key_value_heads=2, sliding_window=4)),
    "mpt": (MptForCausalLM, MptConfig(vocab_size=WORDS, d_model=32, n_layers=2, n_heads=4)),
    "t5": (T5ForConditionalGeneration, T5Config(vocab_size=WORDS, **T5_SIZES)),
}


@pytest.fixture(name="model", params=KINDS)
def _model(request: pytest.FixtureRequest) -> Any:
    """A model of random weights, large enough for its texts to differ, and for some of them to end."""
    kind, config = KINDS[request.param]
    torch.manual_seed(3)
    model = kind(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.3)
    start = PAD if config.is_encoder_decoder else None
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        pad_token_id=PAD, eos_token_id=END, decoder_start_token_id=start
    )
    return model


def by_transformers(model: Any, prompt: list[int], longest: int) -> list[int]:
    """One prompt, alone and unpadded."""
    ids = torch.tensor([prompt])
    made = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=longest)[
        0
    ].tolist()
    tokens: list[int] = made[1:] if model.config.is_encoder_decoder else made[len(prompt) :]
    return tokens


def test_batch_writes_what_transformers_writes_alone(model: Any) -> None:
    """Rows of any length, together, get the tokens that each gets from `generate` alone."""
    assert decode_greedily(model, PROMPTS, PAD, 12) == [by_transformers(model, prompt, 12) for prompt in PROMPTS]


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


class _Tokenizer:
    pad_token_id = PAD


def test_generation_halves_its_batch_where_memory_ends(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory, fewer rows go together, and every row keeps its text and its place."""

    def small(model: Any, prompts: list[list[int]], pad: int, longest: int) -> list[list[int]]:
        if len(prompts) > 2:
            raise torch.OutOfMemoryError("no room")
        return decode_greedily(model, prompts, pad, longest)

    whole = decode_greedily(model, PROMPTS, PAD, 5)
    monkeypatch.setattr("emulator.training.generate.decode_greedily", small)
    assert continuations(model, _Tokenizer(), PROMPTS, 5) == whole


def test_generation_tells_where_one_row_is_too_much(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single row that does not fit is a failure that says what to do."""

    def none(*_: object) -> list[list[int]]:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr("emulator.training.generate.decode_greedily", none)
    with pytest.raises(errors.JobFailure, match="Choose a smaller base model"):
        continuations(model, _Tokenizer(), PROMPTS, 5)
