"""Models that transformers loads, and that no job can be done with."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import AutoConfig

from emulator import errors
from emulator.problem_types.text_generation.subject import load_subject
from emulator.training.trial import try_out
from tests.support.checkpoints import CHECKPOINTS, LLAMA, T5, auto_model, tokenizer
from tests.support.random_models import LONE, lone_model, random_model

NAME = "the model in /models/mine"


def model(model_type: str, **sizes: Any) -> Any:
    """A small model."""
    return auto_model(AutoConfig.for_model(model_type, **{"vocab_size": 40, "pad_token_id": 0} | sizes)).eval()


@pytest.mark.parametrize(
    ("model_type", "sizes"),
    [
        ("llama", LLAMA | {"num_key_value_heads": 3}),
        ("switch_transformers", T5 | {"num_experts": 2, "decoder_start_token_id": 0}),
    ],
)
def test_model_that_breaks_on_its_first_tokens_is_named(model_type: str, sizes: dict[str, Any]) -> None:
    """What no forward pass goes through is told as the model's fault, with transformers' words."""
    with pytest.raises(errors.JobFailure, match=r"run the model in /models/mine: .* first tokens: \w+Error: "):
        try_out(model(model_type, **sizes), NAME)


@pytest.mark.parametrize(
    ("model_type", "sizes"),
    [("bert", LLAMA), ("xlnet", {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64})],
)
def test_model_that_sees_what_it_is_to_predict_is_refused(model_type: str, sizes: dict[str, Any]) -> None:
    """A model whose logits change with later tokens has no loss worth the name."""
    with pytest.raises(errors.JobFailure, match=r"train the model in /models/mine: .* no causal language model"):
        try_out(model(model_type, **sizes), NAME)


def test_job_is_told_before_its_data_is_read(tmp_path: Path) -> None:
    """A job's model is tried out as soon as it is loaded, and named by where it is from."""
    made = tokenizer(pad="<pad>", bos="<s>", eos="</s>")
    model("bert", **LLAMA | {"vocab_size": len(made)}).save_pretrained(tmp_path)
    made.save_pretrained(tmp_path)
    order: Any = SimpleNamespace(models="tiny", model=[f"Mistral7B={tmp_path}"], device="cpu", cache_dir="auto")
    with pytest.raises(errors.JobFailure, match=f"train the model in {tmp_path}: "):
        load_subject({"BaseModelName": "Mistral7B"}, order)


def test_causal_bert_is_taken() -> None:
    """With is_decoder, BERT is a causal language model like any other."""
    try_out(model("bert", is_decoder=True, **LLAMA), NAME)


@pytest.mark.parametrize("name", ["bart", *LONE, *CHECKPOINTS])
def test_models_that_run_pass(name: str) -> None:
    """Whatever jobs can be done with passes."""
    if name in CHECKPOINTS:
        try_out(auto_model(CHECKPOINTS[name]()[0]).eval(), NAME)
    else:
        try_out(lone_model(name) if name in LONE else random_model(name), NAME)
