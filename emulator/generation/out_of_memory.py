"""Where memory ends."""

import torch


def is_out_of_memory(problem: RuntimeError) -> bool:
    """Whether an error of torch says that an allocation failed."""
    return isinstance(problem, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(problem)


def release(device: torch.device) -> None:
    """Give back what torch keeps for later on a GPU."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
