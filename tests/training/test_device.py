"""How a device is asked to compute."""

from typing import Any

import pytest
import torch

from emulator.training.device import deterministic, training_dtype


def test_a_gpu_is_asked_for_deterministic_operations_within_a_fit_and_a_cpu_for_nothing() -> None:
    """A fit on a GPU runs under torch's deterministic mode; nothing else does."""
    more: Any = torch.utils.deterministic
    with deterministic(torch.device("cuda")):
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert not more.fill_uninitialized_memory
    assert not torch.are_deterministic_algorithms_enabled()
    assert more.fill_uninitialized_memory
    with deterministic(torch.device("cpu")):
        assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(
    ("instructions", "parameters", "dtype"),
    [
        ({"amx_bf16": True}, 135_000_000, torch.bfloat16),
        ({"avx512_bf16": True}, 135_000_000, torch.bfloat16),
        ({"avx512_bf16": True, "amx_bf16": True}, 4_000_000, torch.float32),
        ({"avx2": True}, 135_000_000, torch.float32),
    ],
)
def test_a_cpu_trains_in_bfloat16_where_that_is_faster(
    monkeypatch: pytest.MonkeyPatch, instructions: dict[str, bool], parameters: int, dtype: torch.dtype
) -> None:
    """bfloat16 takes a processor with instructions for it, and a model that is large enough to gain by them."""
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: instructions)
    assert training_dtype(torch.device("cpu"), parameters) is dtype
