"""How a device is asked to compute."""

from typing import Any

import torch

from emulator.training.device import deterministic


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
