"""How long the phases of a job took, and how many tokens went through the model in each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Phases:
    """Seconds and, where they are told, tokens by phase, in the order in which they began."""

    def __init__(self) -> None:
        self._phases: dict[str, dict[str, float]] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Times what it encloses."""
        began = time.perf_counter()
        self._phases[name] = {}
        yield
        self._phases[name]["seconds"] = time.perf_counter() - began

    def tokens(self, name: str, tokens: float) -> None:
        """How many tokens a phase that is over was about."""
        self._phases[name]["tokens"] = tokens

    def seconds(self, name: str) -> float:
        """How long a phase took that is over."""
        return self._phases[name]["seconds"]

    def told(self) -> dict[str, dict[str, float]]:
        """For `metrics.json`: rounded, with tokens per second."""
        return {name: _told(**values) for name, values in self._phases.items()}


def _told(seconds: float, tokens: float | None = None) -> dict[str, float]:
    rate = {} if tokens is None else {"tokens": tokens, "tokens_per_second": round(tokens / max(seconds, 1e-6), 1)}
    return {"seconds": round(seconds, 4)} | rate
