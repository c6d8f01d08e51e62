"""What makes training and generation fast on a CPU changes nothing but rounding."""

import copy
from typing import Any

import pytest
import torch
from transformers import CTRLConfig, LlamaConfig, LlamaForCausalLM

from emulator.generation import packed_linears as packing
from emulator.generation.packed_linears import packed_linears
from emulator.training.batches import Batcher
from emulator.training.embedding import rows_alone
from emulator.training.master_weights import MasterWeights
from emulator.training.optimizer import LARGEST_GRADIENT, WEIGHT_DECAY, ClippedAdamW
from emulator.training.prompts import Example
from emulator.training.update import Updater
from tests.support.checkpoints import auto_model

BATCHER = Batcher(encoder_decoder=False, pad=0, device=torch.device("cpu"))
ROWS = [Example([2 + n % 7, 3], [4 + n % 5] * (1 + n % 4) + [1], truncated=False) for n in range(12)]
STEPS = 20
RATE = 0.01


def make_model(*, tied: bool = True) -> Any:
    """A small model of random weights."""
    torch.manual_seed(1)
    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    model: Any = LlamaForCausalLM(LlamaConfig(vocab_size=32, pad_token_id=0, tie_word_embeddings=tied, **sizes))
    return model.eval()


def train(model: Any) -> float:
    """The last loss of some steps."""
    updater = Updater(model, BATCHER)
    losses = [updater.step(ROWS, RATE).mean for _ in range(STEPS)]
    updater.settle()
    return losses[-1]


def test_masters_train_as_fp32_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """With bfloat16 copies of the weights a model learns what it learns in fp32, and ends in fp32."""
    low, full = make_model(), make_model()
    monkeypatch.setattr("emulator.training.device.training_dtype", lambda *_: torch.bfloat16)
    low_loss = train(low)
    monkeypatch.setattr("emulator.training.device.training_dtype", lambda *_: torch.float32)
    full_loss = train(full)
    assert low_loss == pytest.approx(full_loss, rel=0.05)
    assert low_loss < 2.0
    assert {parameter.dtype for parameter in low.parameters()} == {torch.float32}
    moved = [
        torch.dist(ours, theirs) / torch.norm(theirs) for ours, theirs in zip(*map(_weights, (low, full)), strict=True)
    ]
    assert max(moved) < 0.3


def _weights(model: Any) -> list[torch.Tensor]:
    return [parameter.detach() for parameter in model.parameters()]


def test_small_updates_are_not_lost() -> None:
    """A change that bfloat16 cannot show is in the master, and in the model once it has its masters again."""
    layer = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(layer.weight, 1.0)
    weights = MasterWeights(layer, torch.bfloat16, torch.bfloat16)
    for _ in range(10):
        weights.lower()
        layer.weight.grad = torch.ones_like(layer.weight)
        weights.collect_gradients()
        (master,) = weights.in_fp32
        assert master.grad is not None
        with torch.no_grad():
            master.sub_(0.0001 * master.grad)
        master.grad = None
    weights.lower()
    assert layer.weight.item() == 1.0
    weights.restore()
    assert layer.weight.item() == pytest.approx(0.999, abs=1e-6)


def test_gradients_of_parts_add_up_in_fp32() -> None:
    """Gradients of several parts of a batch are added in fp32: bfloat16 would lose the small ones."""
    layer = torch.nn.Linear(1, 1, bias=False)
    weights = MasterWeights(layer, torch.bfloat16, torch.bfloat16)
    weights.lower()
    for gradient in (1.0, *[0.001] * 10):
        layer.weight.grad = torch.full_like(layer.weight, gradient)
        weights.collect_gradients()
    (master,) = weights.in_fp32
    assert master.grad is not None
    assert master.grad.item() == pytest.approx(1.01, rel=1e-3)


@pytest.mark.parametrize("size", [0.01, 1.0, 1e6])
def test_gradients_are_clipped_as_torch_clips_them(size: float) -> None:
    """Weights move as with torch's AdamW after `clip_grad_norm_`, whether the norm is above the bound or below it."""
    torch.manual_seed(2)
    ours = [
        torch.nn.Parameter(torch.randn(8, 5)),
        torch.nn.Parameter(torch.randn(5, 8).t()),
        torch.nn.Parameter(torch.ones(3)),
    ]
    theirs = copy.deepcopy(ours)
    clipped = ClippedAdamW(ours)
    adamw = torch.optim.AdamW(theirs, lr=RATE, weight_decay=WEIGHT_DECAY)
    for factor in (1.0, 0.1, 3.0):
        clipped.forget_gradients()
        for mine, other in zip(ours[:2], theirs[:2], strict=True):  # the third has no gradient
            mine.grad = size * factor * torch.randn_like(mine)
            other.grad = mine.grad.clone()
        torch.nn.utils.clip_grad_norm_(theirs, LARGEST_GRADIENT)
        adamw.step()
        clipped.step(RATE)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("tied", [True, False])
def test_gradient_of_embeddings_is_torchs(tied: bool) -> None:
    """The embeddings' gradient made row by row is the one that torch makes, zeros for padding included."""
    model = make_model(tied=tied)
    twin = copy.deepcopy(model)
    ids = torch.tensor([[5, 6, 5, 7], [5, 9, 0, 0]])
    twin(input_ids=ids, labels=ids).loss.backward()
    with rows_alone(model):
        model(input_ids=ids, labels=ids).loss.backward()
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(ours.grad, theirs.grad, atol=1e-6)


def test_model_that_changes_what_it_looked_up_in_place_gets_torchs_gradient() -> None:
    """CTRL scales its embeddings in place, which torch allows of no leaf."""
    torch.manual_seed(1)
    config = CTRLConfig(vocab_size=16, n_embd=16, dff=32, n_layer=1, n_head=2, n_positions=8)
    model = auto_model(config).eval()
    twin = copy.deepcopy(model)
    ids = torch.tensor([[5, 6, 5, 7]])
    twin(input_ids=ids, labels=ids).loss.backward()
    with rows_alone(model):
        model(input_ids=ids, labels=ids).loss.backward()
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(ours.grad, theirs.grad, atol=1e-6)


@torch.no_grad()
def test_packed_layers_compute_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packed linear layers give the same logits but for rounding, and are themselves again afterwards."""
    monkeypatch.setattr(packing, "FEWEST_PARAMETERS", 0)
    model = make_model()
    ids = torch.tensor([[5, 6, 5, 7], [5, 9, 8, 3]])
    plain = model(input_ids=ids).logits
    with packed_linears(model, 2):
        assert "forward" in vars(model.lm_head)
        assert torch.allclose(model(input_ids=ids).logits, plain, atol=1e-5)
    assert "forward" not in vars(model.lm_head)
    assert torch.equal(model(input_ids=ids).logits, plain)
