"""Low-rank adapters: they alone learn, and nothing but changed weights is left of them."""

import copy
from typing import Any

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from emulator.training.batches import Batcher
from emulator.training.lora import method, trainable
from emulator.training.prompts import Example
from emulator.training.update import Updater

pytestmark = pytest.mark.filterwarnings("ignore:The following .*_pattern keys:RuntimeWarning")  # peft's, of experts

ROWS = [Example([2 + n, 3], [4 + n, 1], truncated=False) for n in range(6)]
T5_SIZES: dict[str, Any] = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2}


@pytest.fixture(name="model", params=["decoder", "encoder-decoder", "experts"])
def _model(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(1)
    if request.param == "encoder-decoder":
        config: Any = T5Config(vocab_size=32, **T5_SIZES)
        config.decoder_start_token_id = 0
        t5: Any = T5ForConditionalGeneration(config)
        return t5.eval()
    sizes: dict[str, Any] = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    if request.param == "experts":
        sizes |= {"num_local_experts": 2, "num_experts_per_tok": 1, "num_key_value_heads": 2}
        mixtral: Any = MixtralForCausalLM(MixtralConfig(vocab_size=32, num_attention_heads=2, **sizes))
        return mixtral.eval()
    model: Any = LlamaForCausalLM(LlamaConfig(vocab_size=32, num_attention_heads=2, **sizes))
    return model.eval()


def test_adapters_learn_and_are_merged(model: Any) -> None:
    """Above the limit the model's own weights stay as they are until the adapters become part of them."""
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    batcher = Batcher(model.config.is_encoder_decoder, 0, torch.device("cpu"))
    batch = batcher.batch(ROWS)
    with trainable(model, largest_whole=10):
        wanting = [name for name, weight in model.named_parameters() if weight.requires_grad]
        assert wanting
        assert all("lora_" in name for name in wanting)
        updater = Updater(model, batcher)
        losses = [updater.step(ROWS, 0.01).mean for _ in range(5)]
        updater.settle()
        adapted = model.eval()(**batch._asdict()).logits
    after = model.state_dict()
    assert losses[-1] < losses[0]
    assert after.keys() == before.keys()
    assert all(weight.requires_grad for weight in model.parameters())
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert changed
    assert not [name for name in changed if "norm" in name or "embed" in name or "shared" in name]
    torch.testing.assert_close(model(**batch._asdict()).logits, adapted, rtol=1e-4, atol=1e-5)


def test_frozen_layers_are_held_as_they_are_multiplied(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bfloat16 the linear layers under adapters are converted once, which changes no loss, and end as they were."""
    monkeypatch.setattr("emulator.training.device.training_dtype", lambda *_: torch.bfloat16)
    twin = copy.deepcopy(model)
    batcher = Batcher(model.config.is_encoder_decoder, 0, torch.device("cpu"))
    losses = []
    for trained in (model, twin):
        if trained is twin:  # autocast converts them itself, at every pass
            monkeypatch.setattr("emulator.training.update.frozen_dtype", lambda *_: torch.float32)
        torch.manual_seed(4)
        with trainable(trained, largest_whole=10):
            updater = Updater(trained, batcher)
            losses.append([updater.step(ROWS, 0.01).mean for _ in range(3)])
            under = [getattr(module, "base_layer", None) for module in trained.modules()]
            held = {layer.weight.dtype for layer in under if isinstance(layer, torch.nn.Linear)}
            assert held == {torch.float32 if trained is twin else torch.bfloat16}
            updater.settle()
        assert {weight.dtype for weight in trained.parameters()} == {torch.float32}
    assert losses[0] == losses[1]


def test_small_model_is_trained_whole(model: Any) -> None:
    """Up to the limit every weight is trained."""
    with trainable(model):
        assert all(weight.requires_grad for weight in model.parameters())
    assert method(model, 1_000_000_000).startswith("full")
    assert method(model, 10).startswith("LoRA")
