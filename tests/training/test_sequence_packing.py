"""Rows that share a row of a batch are as if each were alone, for every model that is trained so."""

import copy
import random
from dataclasses import replace
from typing import Any

import pytest
import torch

from emulator.generation.positions import switches_at
from emulator.problem_types.text_generation.data import loss_batches
from emulator.training.batches import NOT_A_TARGET, Batcher
from emulator.training.metrics import cross_entropy
from emulator.training.prompts import Example
from emulator.training.sequence_packing import PACK, can_be_packed, packs
from emulator.training.update import Updater
from tests.support.checkpoints import CHECKPOINTS, auto_model
from tests.support.random_models import lone_model

CPU = torch.device("cpu")
PADDED = Batcher(encoder_decoder=False, pad=0, device=CPU)
PACKED = Batcher(encoder_decoder=False, pad=0, device=CPU, packed=True)
RANDOM = random.Random(5)  # noqa: S311
ROWS = [
    Example([RANDOM.randrange(3, 30) for _ in range(size)], [RANDOM.randrange(3, 30), 1], truncated=False)
    for size in (9, 0, 1, 70, 33, 12, 5, 60)
]
NOT_PACKED = {"Falcon7B", "MPT7B", "FlanT5L"}
"""Falcon's mask does not follow its positions, MPT takes none, and the last is an encoder-decoder."""


def make_model(name: str, **changes: Any) -> Any:
    """A model of the architecture that runs for a base model, with random weights."""
    config, _ = CHECKPOINTS[name]()
    for key, value in changes.items():
        setattr(config, key, value)
    torch.manual_seed(3)
    return auto_model(config).eval()


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_models_that_are_packed(name: str) -> None:
    """A model is packed if it takes positions and keeps rows apart by them."""
    assert can_be_packed(make_model(name)) is (name not in NOT_PACKED)


def test_model_that_lets_rows_see_each_other_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose attention does not begin anew with the positions is found out by its logits."""
    monkeypatch.setattr("transformers.masking_utils.find_packed_sequence_indices", lambda _: None)
    assert not can_be_packed(make_model("Llama2-7BChat"))


def test_model_that_places_a_batch_by_its_longest_row_is_not_packed() -> None:
    """Beside a long row, short ones would have other positions (longrope): their loss is measured alone."""
    model = lone_model("llama")
    assert not can_be_packed(model)
    rows = [Example(list(range(3, 3 + size)), [5, 6, 1], truncated=False) for size in (4, 20, 7)]
    alone = sum(cross_entropy(model, [PADDED.batch([row])]).total for row in rows)
    batches = loss_batches(rows, PADDED, switches_at(model.config))
    assert cross_entropy(model, batches).total == pytest.approx(alone, rel=1e-6)
    assert cross_entropy(model, [PADDED.batch(rows)]).total != pytest.approx(alone, rel=1e-3)


@pytest.mark.parametrize("eager", [True, False])
@pytest.mark.parametrize("name", sorted(set(CHECKPOINTS) - NOT_PACKED))
def test_loss_of_packed_rows_is_theirs(name: str, eager: bool) -> None:
    """Cross-entropy of packed rows equals that of padded ones, which equals that of each alone."""
    model = make_model(name)
    if eager:  # as it trains on short rows
        model.set_attn_implementation("eager")
    packed = cross_entropy(model, [PACKED.batch(ROWS)])
    assert len(PACKED.batch(ROWS).input_ids) < len(ROWS)
    assert packed == pytest.approx(cross_entropy(model, [PADDED.batch(ROWS)]), rel=1e-6)
    assert packed == pytest.approx(cross_entropy(model, list(PADDED.batches(ROWS, 1))), rel=1e-6)


def test_packed_rows_keep_within_a_sliding_window() -> None:
    """A window of attention counts a row's own tokens, not those of its neighbours in the pack."""
    model = make_model("Mistral7B", sliding_window=4)
    assert can_be_packed(model)
    assert cross_entropy(model, [PACKED.batch(ROWS)]) == pytest.approx(
        cross_entropy(model, [PADDED.batch(ROWS)]), rel=1e-6
    )


@pytest.mark.parametrize("tile", [1, 16])
def test_steps_on_packed_rows_train_alike(tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps on packed rows, also of rounded lengths, leave the weights that steps on padded ones leave, but rounded."""
    monkeypatch.setattr("emulator.training.device.training_dtype", lambda *_: torch.float32)
    monkeypatch.setattr("emulator.training.update.product_tile", lambda *_: tile)
    padded = make_model("Dolly3B")
    packed = copy.deepcopy(padded)
    losses = []
    for model, batcher in ((padded, PADDED), (packed, PACKED)):
        updater = Updater(model, batcher)
        losses.append([updater.step(ROWS, 0.001).mean for _ in range(3)])
        updater.settle()
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for ours, theirs in zip(packed.parameters(), padded.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=2e-4, rtol=1e-3)


def test_each_row_is_in_one_pack_and_packs_are_alike() -> None:
    """Every row is in exactly one pack, and without its last row none is longer than another."""
    lengths = [RANDOM.randrange(1, 300) for _ in range(200)]
    made = packs(lengths)
    assert sorted(row for pack in made for row in pack) == list(range(200))
    filled = [sum(lengths[row] for row in pack) for pack in made]
    assert max(tokens - lengths[pack[-1]] for tokens, pack in zip(filled, made, strict=True)) <= min(filled)
    assert [len(pack) for pack in packs([PACK // 4] * 8)] == [4, 4]


@pytest.mark.parametrize("rows", range(1, 40))
def test_short_rows_are_packed_with_hardly_any_padding(rows: int) -> None:
    """Rows of a usual length, however many, leave an eighth of the batch as padding at most."""
    lengths = [RANDOM.randrange(20, 45) for _ in range(rows)]
    made = packs(lengths)
    assert 7 / 8 * len(made) * max(sum(lengths[row] for row in pack) for pack in made) <= sum(lengths)


def test_first_token_of_a_packed_row_is_no_target() -> None:
    """A response without a prompt is predicted from its second token on, not its first from the row before it."""
    batch = PACKED.batch([Example([5, 6], [7, 1], truncated=False), Example([], [8, 9, 1], truncated=False)])
    assert batch.input_ids.tolist() == [[5, 6, 7, 8, 9]]
    assert batch.labels.tolist() == [[NOT_A_TARGET, 7, 1, 9, 1]]
    assert batch.placing["position_ids"].tolist() == [[0, 1, 2, 0, 1]]
    assert batch.read == 5


@pytest.mark.parametrize("rows", [ROWS, ROWS[1:2], [Example([], [5, 6, 7, 8, 1], truncated=False)]])
def test_numbers_of_tokens_are_multiples_of_the_tile(rows: list[Example]) -> None:
    """Packs are filled up to whole tiles, and so are the positions asked for, which all targets are among."""
    exact, tiled = PACKED.batch(rows), replace(PACKED, tile=4).batch(rows)
    assert tiled.input_ids.shape[1] % 4 == 0
    assert 0 <= tiled.input_ids.shape[1] - exact.input_ids.shape[1] < 4
    assert int(tiled.asked.sum()) % 4 == 0
    assert 0 <= int(tiled.asked.sum() - exact.asked.sum()) < 4
    assert tiled.labels[tiled.asked].tolist().count(NOT_A_TARGET) == tiled.asked.sum() - exact.asked.sum()
    assert torch.equal(exact.asked, exact.labels != NOT_A_TARGET)


@pytest.mark.parametrize("batcher", [PADDED, PACKED])
def test_row_of_one_token_has_no_target(batcher: Batcher) -> None:
    """A row that is nothing but its end, which nothing precedes, is read and predicts nothing."""
    batch = batcher.batch([Example([], [1], truncated=False)])
    assert (batch.input_ids.tolist(), batch.labels.tolist()) == ([[1]], [[NOT_A_TARGET]])
