"""Which GPUs there are, told without torch, which the server never loads."""

import os
from collections.abc import Mapping
from pathlib import Path

_DRIVER = Path("/proc/driver/nvidia/gpus")


def visible_gpus(device: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The GPUs that training may use, each as CUDA_VISIBLE_DEVICES names it; none where it runs on the CPU."""
    if device == "cpu":
        return []
    chosen = environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return _before_the_first_invalid([name.strip() for name in chosen.split(",")])
    return [str(number) for number, _ in enumerate(_DRIVER.iterdir())] if _DRIVER.is_dir() else []


def _before_the_first_invalid(names: list[str]) -> list[str]:
    """As CUDA reads its variable: an empty or negative name hides all that follow."""
    invalid = (number for number, name in enumerate(names) if not name or name.startswith("-"))
    return names[: next(invalid, len(names))]
