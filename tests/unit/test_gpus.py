"""How many workers there are by default: one for each GPU."""

import pytest

from emulator.executors.gpus import visible_gpus


@pytest.mark.parametrize(
    ("device", "variable", "gpus"),
    [
        ("auto", "0,2", ["0", "2"]),
        ("cuda", "GPU-8932f937, GPU-1", ["GPU-8932f937", "GPU-1"]),
        ("auto", "1,-1,2", ["1"]),
        ("auto", "", []),
        ("cpu", "0,1", []),
    ],
)
def test_visible_gpus_are_those_that_cuda_would_show(device: str, variable: str, gpus: list[str]) -> None:
    """CUDA_VISIBLE_DEVICES counts as CUDA reads it, up to the first invalid name; on the CPU there are none."""
    assert visible_gpus(device, {"CUDA_VISIBLE_DEVICES": variable}) == gpus
