"""What a step may take of memory, and what to do when there is not enough of it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from emulator import errors
from emulator.training.prompts import Example

CPU_TOKENS = 2_048
"""Most tokens, padding included, that go through the model at once on a CPU, where memory is not asked for first."""
ATTENTION_GROWS_FROM = 512
"""Tokens of a row from which on what attention keeps, the square of them, is what counts."""


def check_room(weights: Iterable[torch.Tensor], device: torch.device) -> None:
    """Raises JobFailure where gradients and AdamW's two averages of these weights are more than there is room for."""
    needed = sum(3 * weight.numel() * weight.element_size() for weight in weights)
    available = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else _available()
    if available is not None and needed > available:
        raise errors.too_little_memory(needed / 2**30, available / 2**30, str(device))


def _available() -> int | None:
    """Bytes that this system can still give, where it tells (Linux)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def longest(rows: Iterable[Example]) -> int:
    """Tokens of the longest row, prompt and response together."""
    return max(len(row.prompt) + len(row.response) for row in rows)


def portions(rows: Sequence[Example], most_rows: int, most_tokens: int | None) -> list[Sequence[Example]]:
    """The rows in their order, in parts that stay within both limits; a part has at least one row.

    Rows of more than ATTENTION_GROWS_FROM tokens count as so many more as they are longer.
    """
    parts: list[Sequence[Example]] = []
    begin = 0
    for end in range(1, len(rows)):
        more = rows[begin : end + 1]
        tokens = longest(more)
        weight = len(more) * max(tokens, tokens**2 // ATTENTION_GROWS_FROM)
        if len(more) > most_rows or (most_tokens is not None and weight > most_tokens):
            parts.append(rows[begin:end])
            begin = end
    return [*parts, rows[begin:]]
