"""How a fit goes: in parts, to the best epoch, within its time, and the same each time."""

import copy
import time
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from emulator import errors
from emulator.training.batches import Batch, Batcher
from emulator.training.deadline import JOB, TRAINING_JOB, Deadline, deadline_from_now
from emulator.training.fit import Epoch, History, HyperParameters, Step, fit
from emulator.training.kept_weights import KeptWeights
from emulator.training.memory import portions
from emulator.training.metrics import Loss, cross_entropy
from emulator.training.prompts import Example
from emulator.training.update import Updater

CPU = torch.device("cpu")
BATCHER = Batcher(encoder_decoder=False, pad=0, device=CPU)
ROWS = [Example([2 + n % 7, 3], [4 + n % 5] * (1 + n % 4) + [1], truncated=False) for n in range(12)]
CONFIG = LlamaConfig(
    vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, pad_token_id=0
)


@pytest.fixture(name="model")
def _model(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model of random weights that trains in fp32, so that its numbers can be compared."""
    monkeypatch.setattr("emulator.training.device.training_dtype", lambda *_: torch.float32)
    torch.manual_seed(1)
    model: Any = LlamaForCausalLM(CONFIG)
    return model.eval()


class Watcher:
    """Lets so many steps pass."""

    def __init__(self, steps: int = 1_000_000) -> None:
        self.seen: list[Step] = []
        self._steps = steps

    def on_step(self, step: Step, _steps: int, _epoch: Epoch | None) -> None:
        """Note a step."""
        self.seen.append(step)

    def must_stop(self, _seconds: float) -> bool:
        """Whether all are done."""
        return len({step.step for step in self.seen}) >= self._steps


def run(model: Any, watcher: Watcher, epochs: int = 3) -> History:
    """A fit on the rows, held against the same rows."""
    validation: list[Batch] = list(BATCHER.batches(ROWS, 4))
    parameters = HyperParameters(epochs, batch_size=5, learning_rate=0.01, warmup_steps=1)
    return fit(model, ROWS, validation, Updater(model, BATCHER), parameters, seed=7, watcher=watcher)


def weights(model: Any) -> list[torch.Tensor]:
    """Copies of a model's weights."""
    return [weight.detach().clone() for weight in model.parameters()]


def test_parts_of_a_batch_add_up_to_its_gradient(model: Any) -> None:
    """A batch in parts of two rows gives the loss and, within rounding, the gradient of the batch in one."""
    twin = copy.deepcopy(model)
    whole, in_parts = Updater(model, BATCHER), Updater(twin, BATCHER)
    in_parts._most_rows = 2
    losses = [whole.step(ROWS[:7], 0.0), in_parts.step(ROWS[:7], 0.0)]
    assert losses[0].tokens == losses[1].tokens == sum(len(row.response) for row in ROWS[:7])
    assert losses[0].total == pytest.approx(losses[1].total, rel=1e-6)
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-7)


def test_step_halves_its_parts_where_memory_ends(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory, the same batch goes through in smaller parts, and so do the next ones."""
    updater = Updater(model, BATCHER)
    backward = Updater._backward
    sizes: list[int] = []

    def small(self: Updater, batch: Batch, tokens: int) -> torch.Tensor:
        sizes.append(len(batch.labels))
        if len(batch.labels) > 3:
            raise torch.OutOfMemoryError("no room")
        return backward(self, batch, tokens)

    monkeypatch.setattr(Updater, "_backward", small)
    loss = updater.step(ROWS[:8], 0.01)
    assert loss.tokens == sum(len(row.response) for row in ROWS[:8])
    assert sizes == [8, 4, 2, 2, 2, 2]
    updater.step(ROWS[:4], 0.01)
    assert sizes[6:] == [2, 2]


def test_single_row_without_room_fails_with_advice(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not even one row fits, the job fails at once, and the reason says what to change."""

    def none(*_: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(Updater, "_backward", none)
    with pytest.raises(errors.JobFailure, match="Choose a smaller base model"):
        Updater(model, BATCHER).step(ROWS[:8], 0.01)


def test_portions_stay_within_rows_and_tokens() -> None:
    """Parts keep the order, hold all rows, and stay within both limits where more than one row is in them."""
    parts = portions(ROWS, 3, 14)
    assert [row for part in parts for row in part] == ROWS
    for part in parts:
        assert len(part) <= 3
        longest = max(len(row.prompt) + len(row.response) for row in part)
        assert len(part) * longest <= 14 or len(part) == 1
    assert portions(ROWS, 100, None) == [ROWS]
    assert [len(part) for part in portions(ROWS, 100, 1)] == [1] * len(ROWS)


def test_same_seed_gives_the_same_weights(model: Any) -> None:
    """Rows, seed and device decide every weight and every loss."""
    twin = copy.deepcopy(model)
    histories = [run(model, Watcher()), run(twin, Watcher())]
    assert histories[0].steps == histories[1].steps
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(weights(model), weights(twin), strict=True))


def test_fit_stops_when_it_must(model: Any) -> None:
    """A fit that must stop within an epoch measures what it has, and tells that it ended early."""
    history = run(model, Watcher(steps=4))
    assert history.early
    assert [step.epoch for step in history.steps] == [1, 1, 1, 2]
    assert [epoch.epoch for epoch in history.epochs] == [1, 2]
    assert history.epochs[1].training_loss == pytest.approx(history.steps[3].loss)
    assert not model.training


def test_fit_that_may_not_begin_changes_nothing(model: Any) -> None:
    """Without time for a single step there is no epoch, and the weights are the model's own."""
    before = weights(model)
    history = run(model, Watcher(steps=0))
    assert history.early
    assert not history.steps
    assert not history.epochs
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(weights(model), before, strict=True))


def test_best_weights_come_back() -> None:
    """The weights of the least validation loss are restored, whether they are the last or not."""
    model = torch.nn.Linear(1, 1)
    kept = KeptWeights(model)
    for epoch, (value, loss) in enumerate([(1.0, 3.0), (2.0, 2.0), (3.0, 2.5)], 1):
        torch.nn.init.constant_(model.weight, value)
        kept.offer(epoch, Loss(loss, 1), last=epoch == 3)
    kept.restore()
    assert (kept.epoch, model.weight.item()) == (2, 2.0)
    torch.nn.init.constant_(model.weight, 9.0)
    kept.offer(4, Loss(1.0, 1), last=True)
    kept.restore()
    assert (kept.epoch, model.weight.item()) == (4, 9.0)


def test_kept_loss_is_that_of_the_weights(model: Any) -> None:
    """The loss that a fit tells of the weights that it keeps is the one that they have afterwards."""
    history = run(model, Watcher())
    assert history.kept_loss == cross_entropy(model, list(BATCHER.batches(ROWS, 4)))


def test_earlier_limit_counts() -> None:
    """Of the job's and the training job's limit the one that ends first is the deadline."""
    soon = deadline_from_now({TRAINING_JOB: 10}, time.monotonic() + 100)
    assert soon.limit == TRAINING_JOB
    assert not soon.comes_within(9)
    assert soon.comes_within(10)
    assert deadline_from_now({TRAINING_JOB: 10}, time.monotonic() + 5).limit == JOB
    assert deadline_from_now({}, time.monotonic() + 300_000).limit == TRAINING_JOB  # 72 hours, the service's default
    assert Deadline(JOB, time.monotonic()).comes_within(0)
