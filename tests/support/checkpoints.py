"""Tiny checkpoints with random weights, one of each architecture that the catalogue's models have."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, PreTrainedTokenizerFast

SENTENCES = [f"What is {a} plus {b}? {a} plus {b} is {a + b}." for a in range(12) for b in range(12)]
VOCABULARY = 300
LLAMA = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}


def tokenizer(*, begin: bool = False, end: bool = False, **special: str) -> Any:
    """Byte-level pairs, and special tokens by name; `begin` and `end` put bos and eos around every text."""
    named = {f"{name}_token": token for name, token in special.items()}
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(named.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(SENTENCES, trainer)
    around = ([named["bos_token"]] if begin else []) + ["$A"] + ([named["eos_token"]] if end else [])
    made.post_processor = processors.TemplateProcessing(
        " ".join(around), special_tokens=[(token, made.token_to_id(token)) for token in named.values()]
    )
    return PreTrainedTokenizerFast(tokenizer_object=made, **named)  # type: ignore[no-untyped-call]


def _config(model_type: str, made: Any, **sizes: Any) -> Any:
    """A configuration for a tokenizer."""
    ids = {name: getattr(made, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    return AutoConfig.for_model(model_type, vocab_size=len(made), **ids, **sizes)


def falcon() -> tuple[Any, Any]:
    """No token to pad with."""
    made = tokenizer(eos="<|endoftext|>")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    return _config("falcon", made, **sizes, new_decoder_architecture=True, num_kv_heads=2), made


def llama() -> tuple[Any, Any]:
    """The tokenizer begins every text with <s>, and has no token to pad with."""
    made = tokenizer(begin=True, bos="<s>", eos="</s>")
    return _config("llama", made, **LLAMA, num_key_value_heads=2), made


def mistral() -> tuple[Any, Any]:
    """The tokenizer puts <s> and </s> around every text, as some fine-tuned ones do."""
    made = tokenizer(begin=True, end=True, bos="<s>", eos="</s>", unk="<unk>")
    return _config("mistral", made, **LLAMA, num_key_value_heads=2, sliding_window=None), made


def mpt() -> tuple[Any, Any]:
    """Positions by ALiBi, and no token to pad with."""
    made = tokenizer(eos="<|endoftext|>")
    return _config("mpt", made, d_model=32, n_heads=4, n_layers=2, max_seq_len=2048), made


def gpt_neox() -> tuple[Any, Any]:
    """The token to pad with was added to the tokenizer alone: the model has no place for it."""
    made = tokenizer(eos="<|endoftext|>")
    config = _config("gpt_neox", made, **LLAMA)
    made.add_special_tokens({"pad_token": "[PAD]"})
    return config, made


def t5() -> tuple[Any, Any]:
    """The tokenizer ends every text with </s>."""
    made = tokenizer(end=True, pad="<pad>", eos="</s>")
    return _config("t5", made, **T5, decoder_start_token_id=0, feed_forward_proj="gated-gelu"), made


def gemma2() -> tuple[Any, Any]:
    """None of the catalogue's architectures: it caps its logits after the projection."""
    made = tokenizer(bos="<bos>", eos="<eos>", pad="<pad>")
    return _config("gemma2", made, **LLAMA, num_key_value_heads=2, head_dim=8, final_logit_softcapping=1.0), made


CHECKPOINTS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "Falcon7B": falcon,
    "Llama2-7BChat": llama,
    "Mistral7B": mistral,
    "MPT7B": mpt,
    "Dolly3B": gpt_neox,
    "FlanT5L": t5,
    "Llama2-13BChat": gemma2,
}
"""By the base model that each runs for."""


def auto_model(config: Any) -> Any:
    """A language model of a configuration, with random weights."""
    kind: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    return kind.from_config(config)


def save_checkpoint(name: str, folder: Path) -> Path:
    """The checkpoint for a base model, as transformers saves it."""
    config, made = CHECKPOINTS[name]()
    torch.manual_seed(0)
    auto_model(config).save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


def with_pickled_weights(folder: Path) -> Path:
    """The same checkpoint with its weights in PyTorch's own format."""
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def with_code(folder: Path, trace: Path) -> Path:
    """The same checkpoint as a model type that only code in its folder defines; the code leaves a trace if it runs."""
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own", "AutoModelForCausalLM": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(trace)!r}, 'w')\n")
    return folder


def without_unknown(folder: Path) -> None:
    """Give a checkpoint a tokenizer that knows SENTENCES alone, and has no token for what it does not know."""
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.train_from_iterator(
        SENTENCES, trainers.UnigramTrainer(vocab_size=100, special_tokens=["<pad>", "</s>"], show_progress=False)
    )
    named = {"pad_token": "<pad>", "eos_token": "</s>"}
    stored = PreTrainedTokenizerFast(tokenizer_object=made, **named)  # type: ignore[no-untyped-call]
    stored.save_pretrained(folder)
