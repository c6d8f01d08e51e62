"""What makes training and generation fast on a CPU changes nothing but rounding."""

import copy
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from emulator.training import packed_linears as packing
from emulator.training.batches import Batcher
from emulator.training.embedding import rows_alone
from emulator.training.master_weights import MasterWeights
from emulator.training.packed_linears import packed_linears
from emulator.training.prompts import Example
from emulator.training.update import Updater

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


def run_backward(weight: Any, gradient: float) -> None:
    """A backward pass that gives a weight this gradient."""
    (weight * gradient).sum().backward()


def test_masters_train_as_fp32_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """With bfloat16 copies of the weights a model learns what it learns in fp32, and ends in fp32."""
    low, full = make_model(), make_model()
    monkeypatch.setattr("emulator.training.device.training_dtype", lambda _: torch.bfloat16)
    low_loss = train(low)
    monkeypatch.setattr("emulator.training.device.training_dtype", lambda _: torch.float32)
    full_loss = train(full)
    assert low_loss == pytest.approx(full_loss, rel=0.05)
    assert low_loss < 2.0
    assert {parameter.dtype for parameter in low.parameters()} == {torch.float32}
    moved = [
        torch.dist(ours, theirs) / torch.norm(theirs) for ours, theirs in zip(*map(_weights, (low, full)), strict=True)
    ]
    assert max(moved) < 0.5  # of other random weights 0.05 to 0.4: Adam's first steps go by the sign of a gradient


def _weights(model: Any) -> list[torch.Tensor]:
    return [parameter.detach() for parameter in model.parameters()]


def test_small_updates_are_not_lost() -> None:
    """A change that bfloat16 cannot show is in the master, and in the model once it has its masters again."""
    layer: Any = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(layer.weight, 1.0)
    weights = MasterWeights(layer, torch.bfloat16, torch.bfloat16)
    for _ in range(10):
        weights.lower()
        run_backward(layer.weight, 1.0)
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
    layer: Any = torch.nn.Linear(1, 1, bias=False)
    weights = MasterWeights(layer, torch.bfloat16, torch.bfloat16)
    weights.lower()
    for gradient in (1.0, *[0.001] * 10):
        run_backward(layer.weight, gradient)
    (master,) = weights.in_fp32
    assert master.grad is not None
    assert master.grad.item() == pytest.approx(1.01, rel=1e-3)


def test_a_weight_without_a_gradient_has_none_in_its_next_step() -> None:
    """What collects gradients is kept from step to step, their values are not: AdamW leaves out what has none."""
    layer: Any = torch.nn.Linear(1, 1, bias=False)
    weights = MasterWeights(layer, torch.bfloat16, torch.bfloat16)
    weights.lower()
    (master,) = weights.in_fp32
    collected = []
    for gradient in (1.0, 2.0):
        run_backward(layer.weight, gradient)
        assert master.grad is not None
        collected.append((master.grad.data_ptr(), master.grad.item()))
        master.grad = None
        weights.lower()
    assert [value for _, value in collected] == [1.0, 2.0]
    assert len({place for place, _ in collected}) == 1
    assert weights.gradient_of(layer.weight).item() == 0.0


def test_a_model_has_no_hooks_once_it_is_whole() -> None:
    """A model that is trained keeps nothing of its training: no hook, and so no memory of gradients."""
    layer: Any = torch.nn.Linear(1, 1, bias=False)
    weights = MasterWeights(layer, torch.bfloat16, torch.bfloat16)
    weights.lower()
    weights.restore()
    run_backward(layer.weight, 1.0)
    assert layer.weight.grad is not None
    assert weights.in_fp32[0].grad is None


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_gradient_of_embeddings_is_torchs(tied: bool, dtype: torch.dtype) -> None:
    """The embeddings' gradient made row by row is the one that torch makes, zeros for padding included."""
    model = make_model(tied=tied)
    twin = copy.deepcopy(model).to(dtype)
    ids = torch.tensor([[5, 6, 5, 7], [5, 9, 0, 0]])
    twin(input_ids=ids, labels=ids).loss.backward()
    weights = MasterWeights(model, dtype, dtype)
    weights.lower()
    with rows_alone(model, weights.gradient_of):
        model(input_ids=ids, labels=ids).loss.backward()
    for ours, theirs in zip(weights.in_fp32, twin.parameters(), strict=True):
        assert ours.grad is not None
        assert ours.grad.dtype is torch.float32
        tolerance = 1e-6 if dtype is torch.float32 else 2e-3
        assert torch.allclose(ours.grad, theirs.grad.float(), atol=tolerance, rtol=tolerance)


@torch.no_grad()
def test_packed_layers_compute_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packed linear layers give the same logits but for rounding, and are themselves again afterwards."""
    monkeypatch.setattr(packing, "FEWEST_PARAMETERS", 0)
    monkeypatch.setattr(packing, "intel", lambda: False)
    model = make_model()
    ids = torch.tensor([[5, 6, 5, 7], [5, 9, 8, 3]])
    plain = model(input_ids=ids).logits
    with packed_linears(model, 2):
        assert "forward" in vars(model.lm_head)
        assert torch.allclose(model(input_ids=ids).logits, plain, atol=1e-5)
    assert "forward" not in vars(model.lm_head)
    assert torch.equal(model(input_ids=ids).logits, plain)


def test_nothing_is_packed_where_it_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Intel's processors, for which MKL is made, a packed copy of the weights would only cost its memory."""
    monkeypatch.setattr(packing, "FEWEST_PARAMETERS", 0)
    monkeypatch.setattr(packing, "intel", lambda: True)
    model = make_model()
    with packed_linears(model, 2):
        assert "forward" not in vars(model.lm_head)
