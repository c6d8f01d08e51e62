"""SmolLM2's GGUF file, quantised for llama.cpp, to a folder that transformers loads and that can be trained."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGUFReader, TokenType, dequantize
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, PreTrainedTokenizerFast

NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""What llama.cpp calls a part of the model, and what transformers calls it."""


def convert(source: Path, folder: Path) -> None:
    """Make `folder` from a GGUF file of a Llama with tied embeddings, whole or not at all.

    Of several processes that need the same folder one converts, and the others wait for it.
    """
    with _only_one(folder.with_name(f".{folder.name}.lock")):
        if folder.is_dir():
            return
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        _write(GGUFReader(source), partial)
        partial.rename(folder)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Holds a lock that its process's end frees, whatever the end."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(reader: GGUFReader, folder: Path) -> None:
    facts = {name: field.contents() for name, field in reader.fields.items()}
    tokenizer = _tokenizer(facts)
    tokenizer.save_pretrained(folder)
    config = _config(facts, tokenizer)
    (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=2) + "\n", encoding="utf-8")
    save_file(_weights(reader, config), folder / "model.safetensors", metadata={"format": "pt"})


def _config(facts: dict[str, Any], tokenizer: Any) -> LlamaConfig:
    return LlamaConfig(
        architectures=["LlamaForCausalLM"],
        dtype="float32",
        vocab_size=len(facts["tokenizer.ggml.tokens"]),
        hidden_size=facts["llama.embedding_length"],
        intermediate_size=facts["llama.feed_forward_length"],
        num_hidden_layers=facts["llama.block_count"],
        num_attention_heads=facts["llama.attention.head_count"],
        num_key_value_heads=facts["llama.attention.head_count_kv"],
        max_position_embeddings=facts["llama.context_length"],
        rms_norm_eps=facts["llama.attention.layer_norm_rms_epsilon"],
        rope_parameters={"rope_type": "default", "rope_theta": facts["llama.rope.freq_base"]},
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _weights(reader: GGUFReader, config: LlamaConfig) -> dict[str, torch.Tensor]:
    heads: dict[str, Any] = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    weights = {}
    for tensor in reader.tensors:
        *block, part, _ = tensor.name.split(".")  # blk.0.attn_q.weight, token_embd.weight
        values = dequantize(tensor.data, tensor.tensor_type)
        if part in heads:
            values = _unpermuted(values, heads[part])
        place = f"model.layers.{block[1]}.{NAMES[part]}" if block else NAMES[part]
        weights[f"{place}.weight"] = torch.from_numpy(np.array(values, dtype=np.float32))
    return weights


def _unpermuted(values: Any, heads: int) -> Any:
    """llama.cpp rotates neighbours, transformers the halves of a head: its rows are in another order."""
    return values.reshape(heads, -1, 2, values.shape[-1]).swapaxes(1, 2).reshape(values.shape)


def _tokenizer(facts: dict[str, Any]) -> Any:
    """GPT-2's byte-level pairs, with every digit a token of its own."""
    tokens: list[str] = facts["tokenizer.ggml.tokens"]
    pairs = [tuple(pair.split(" ", 1)) for pair in facts["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    kinds = zip(tokens, facts["tokenizer.ggml.token_type"], strict=True)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token, kind in kinds if kind == _CONTROL])
    named = {name: tokens[facts[f"tokenizer.ggml.{key}_token_id"]] for name, key in _SPECIAL.items()}
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        chat_template=facts["tokenizer.chat_template"],
        model_max_length=facts["llama.context_length"],
        clean_up_tokenization_spaces=False,
        **named,
    )


_CONTROL = TokenType.CONTROL.value
_SPECIAL = {"bos_token": "bos", "eos_token": "eos", "pad_token": "padding", "unk_token": "unknown"}
