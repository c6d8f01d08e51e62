"""Which device a fine-tune runs on, and in which precision it trains there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from emulator import errors

FEWEST_FOR_BFLOAT16 = 50_000_000
"""Parameters below which a CPU trains in fp32 whatever it can.

oneDNN makes its bfloat16 kernels anew in each process, for half a second, and ten steps of our tiny models gain a
quarter of that back. Their metrics are then nearly the same on all processors, too.
"""

BFLOAT16_TILE = 16
"""Tokens in whose multiples a CPU multiplies in bfloat16.

oneDNN makes kernels for each shape of a product that it has not met, which takes a tenth of a step of SmolLM2: rounded,
there are few shapes. It also multiplies faster where the sum goes over such a multiple.
"""


def best_device() -> str:
    """`cuda` where there is a GPU, else `cpu`. Initialises nothing."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def chosen_device(setting: str) -> torch.device:
    """The device for a value of the setting `device`: auto, cpu or cuda. Raises JobFailure where there is no GPU."""
    if setting == "cuda" and not torch.cuda.is_available():
        raise errors.no_gpu()
    return torch.device(best_device() if setting == "auto" else setting)


def training_dtype(device: torch.device, parameters: int) -> torch.dtype:
    """Of matrix products in training a model of so many parameters: bfloat16 where that is faster."""
    if device.type == "cuda":
        capable = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        capabilities = torch.cpu.get_capabilities()
        instructed = any(capabilities.get(instructions, False) for instructions in ("avx512_bf16", "amx_bf16"))
        capable = instructed and parameters >= FEWEST_FOR_BFLOAT16
    return torch.bfloat16 if capable else torch.float32


def working_dtype(device: torch.device, parameters: int) -> torch.dtype:
    """Of weights that a model holds while it trains them: on a GPU fp32, since converting them takes no time there."""
    return training_dtype(device, parameters) if device.type == "cpu" else torch.float32


def frozen_dtype(device: torch.device, parameters: int) -> torch.dtype:
    """Of the linear layers that a model with adapters holds as they are: that of the products, on any device."""
    return training_dtype(device, parameters)


def product_tile(device: torch.device, parameters: int) -> int:
    """The number whose multiples the numbers of tokens in a product should be, in training."""
    return 1 if working_dtype(device, parameters) is torch.float32 else BFLOAT16_TILE


def training_precision(device: torch.device, parameters: int) -> torch.autocast:
    """A context in which matrix products are computed in `training_dtype`."""
    dtype = training_dtype(device, parameters)
    return torch.autocast(device.type, dtype, enabled=dtype is not torch.float32)


@contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Within this context a GPU computes the same bits each time, where torch knows how; a CPU does so anyway.

    Attention's backward pass, above all, would add in any order. cuBLAS asks for CUBLAS_WORKSPACE_CONFIG besides, which
    stands in the environment of training.
    """
    if device.type != "cuda":
        yield
        return
    more: Any = torch.utils.deterministic
    mode, filling = torch.get_deterministic_debug_mode(), more.fill_uninitialized_memory
    torch.set_deterministic_debug_mode("warn")
    more.fill_uninitialized_memory = False  # it looks for faults, and takes time
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(mode)
        more.fill_uninitialized_memory = filling
