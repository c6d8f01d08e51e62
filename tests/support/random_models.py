"""Small models of random weights, one of each kind that generation has to tell apart, and what transformers writes."""

from typing import Any

import torch
from transformers import (
    AutoConfig,
    BartConfig,
    BartForConditionalGeneration,
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

from tests.support.checkpoints import auto_model

PAD, END, WORDS = 0, 1, 40
PROMPTS = [[5, 6, 7], [8], [9, 10, 11, 12, 13, 14, 15], [3, 3], [20, 21, 22, 23], [30, 2]]
SIZES: dict[str, Any] = {"vocab_size": WORDS, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
WIDTH: dict[str, Any] = {"intermediate_size": 64}
T5_SIZES: dict[str, Any] = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
BART_SIZES: dict[str, Any] = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 64,
}
KINDS: dict[str, tuple[type, Any]] = {
    "bart": (BartForConditionalGeneration, BartConfig(vocab_size=WORDS, **BART_SIZES)),
    "falcon": (FalconForCausalLM, FalconConfig(**SIZES)),
    "falcon-alibi": (FalconForCausalLM, FalconConfig(**SIZES, alibi=True)),
    "gpt-neox": (GPTNeoXForCausalLM, GPTNeoXConfig(**SIZES, **WIDTH)),
    "llama": (LlamaForCausalLM, LlamaConfig(**SIZES, **WIDTH, num_key_value_heads=2)),
    "mistral": (MistralForCausalLM, MistralConfig(**SIZES, **WIDTH, num_key_value_heads=2, sliding_window=4)),
    "mpt": (MptForCausalLM, MptConfig(vocab_size=WORDS, d_model=32, n_layers=2, n_heads=4)),
    "t5": (T5ForConditionalGeneration, T5Config(vocab_size=WORDS, **T5_SIZES)),
}
PLACES = 64
SWITCH = 12
"""Tokens of a text up to which rotary positions that have two sets of frequencies use the first."""
LONGROPE: dict[str, Any] = {
    "rope_type": "longrope",
    "rope_theta": 10000.0,
    "factor": 4.0,
    "original_max_position_embeddings": SWITCH,
    "short_factor": [1.0] * 4,
    "long_factor": [9.0] * 4,
}
LONG: dict[str, Any] = {"rope_parameters": LONGROPE, "max_position_embeddings": PLACES, "num_key_value_heads": 2}
LONE: dict[str, Any] = {
    "llama": SIZES | WIDTH | LONG,
    "phi3": SIZES | WIDTH | LONG | {"original_max_position_embeddings": SWITCH, "pad_token_id": PAD},
    "mamba": {"vocab_size": WORDS, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
    "rwkv": {"vocab_size": WORDS, "hidden_size": 32, "num_hidden_layers": 2, "attention_hidden_size": 32},
    "jamba": SIZES
    | WIDTH
    | {"num_key_value_heads": 2, "attn_layer_period": 2, "attn_layer_offset": 1, "num_experts": 1}
    | {"mamba_d_state": 4, "mamba_dt_rank": 4, "use_mamba_kernels": False},
    "falcon_h1": SIZES
    | WIDTH
    | {"num_key_value_heads": 2, "head_dim": 8, "mamba_n_heads": 4, "mamba_d_head": 16}
    | {"mamba_d_ssm": 64, "mamba_d_state": 8},
    "minimax": SIZES
    | WIDTH
    | {"num_key_value_heads": 2, "num_local_experts": 2, "block_size": 4}
    | {"layer_types": ["linear_attention", "full_attention"]},
    "openai-gpt": {"vocab_size": WORDS, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": PLACES},
    "recurrent_gemma": SIZES
    | WIDTH
    | {"num_key_value_heads": 2, "head_dim": 8, "lru_width": 32}
    | {"attention_window_size": 6, "block_types": ("recurrent", "attention")},
}
"""Model types whose rows go alone: two whose positions a batch decides, others that keep more than keys and values."""
LONE_PROMPTS = [prompt for prompt in PROMPTS if len(prompt) > 1]
"""RecurrentGemma takes a single token for the continuation of whatever it read before."""


def lone_model(model_type: str) -> Any:
    """One of them, of random matrices."""
    return _randomized(auto_model(AutoConfig.for_model(model_type, **LONE[model_type])))


def random_model(name: str) -> Any:
    """A model of random matrices, large enough for its texts to differ, and for some of them to end."""
    kind, config = KINDS[name]
    return _randomized(kind(config))


def _randomized(model: Any) -> Any:
    torch.manual_seed(3)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.copy_(torch.randn_like(weight) * 0.3)
    start = PAD if model.config.is_encoder_decoder else None
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        pad_token_id=PAD, eos_token_id=END, decoder_start_token_id=start
    )
    return model.eval()


def with_few_places(model_type: str, places: int) -> Any:
    """A model that has places for so few tokens, and looks them up by column."""
    sizes: dict[str, dict[str, Any]] = {
        "mpt": {"d_model": 32, "n_layers": 2, "n_heads": 4, "max_seq_len": places},
        "gpt_neo": {
            "hidden_size": 32,
            "num_layers": 2,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 1]],
            "window_size": 6,
            "max_position_embeddings": places,
        },
    }
    config = AutoConfig.for_model(model_type, vocab_size=WORDS, **sizes[model_type])
    return _randomized(auto_model(config))


def by_transformers(model: Any, prompt: list[int], longest: int) -> list[int]:
    """One prompt, alone and unpadded."""
    ids = torch.tensor([prompt])
    made = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=longest)[
        0
    ].tolist()
    tokens: list[int] = made[1:] if model.config.is_encoder_decoder else made[len(prompt) :]
    return tokens
