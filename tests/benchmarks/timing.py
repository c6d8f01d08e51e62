"""Repetitions of two sides in turn, and what they come to: medians, spread, ratios, rows of Markdown tables."""

import sys
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

Result = TypeVar("Result")


def in_turn(
    repetitions: int, ours: Callable[[], Result], theirs: Callable[[], Result]
) -> tuple[list[Result], list[Result]]:
    """Results of theirs, ours, theirs, ours, ...: whatever disturbs the machine disturbs both."""
    our_results: list[Result] = []
    their_results: list[Result] = []
    for number in range(1, repetitions + 1):
        their_results.append(theirs())
        our_results.append(ours())
        note(f"  {number}/{repetitions}: {our_results[-1]} beside {their_results[-1]}")
    return our_results, their_results


def note(text: str) -> None:
    """Tell how far a benchmark is, apart from its tables."""
    print(text, file=sys.stderr, flush=True)


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios, pair by pair."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def with_spread(values: Sequence[float], digits: int) -> str:
    """Median, and in parentheses the least and the greatest."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def comparison(figure: str, ours: Sequence[float], theirs: Sequence[float], digits: int) -> str:
    """Figure, ours, theirs, and the ratio of ours over theirs, which a zero among theirs forbids."""
    ratio = f"{median_ratio(ours, theirs):.3g}" if all(theirs) else "none"
    return row(figure, with_spread(ours, digits), with_spread(theirs, digits), ratio)


def row(*cells: str) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def table(head: Sequence[str], rows: Sequence[str]) -> str:
    """A Markdown table."""
    return "\n".join([row(*head), row(*["---"] * len(head)), *rows])
