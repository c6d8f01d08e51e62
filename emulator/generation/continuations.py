"""Greedy generation, many prompts at a time."""

import logging
from collections.abc import Sequence
from typing import Any

from emulator import errors
from emulator.generation.greedy import decode_greedily
from emulator.generation.lone_rows import alone_above, continue_alone
from emulator.generation.out_of_memory import is_out_of_memory, release
from emulator.generation.packed_linears import packed_linears

BATCH_ROWS = 128
"""Prompts at once: a step of a small model takes hardly longer with twice as many. Less where memory ends."""
CPU_BATCH_TOKENS = 16_384
"""Most tokens, those to be written included, for which keys and values are kept at once on a CPU."""

logger = logging.getLogger(__name__)


def continuations(
    model: Any, tokenizer: Any, prompts: Sequence[Sequence[int]], max_new_tokens: int, batch_rows: int = BATCH_ROWS
) -> list[list[int]]:
    """The most likely continuation of each prompt as token ids, in order. Raises JobFailure where one is too much.

    Prompts of like length go together, which saves padding and changes no result; fewer at a time where memory ends.
    """
    with packed_linears(model, min(batch_rows, len(prompts))):
        return _in_batches(model, tokenizer, prompts, max_new_tokens, batch_rows)


def _in_batches(
    model: Any, tokenizer: Any, prompts: Sequence[Sequence[int]], max_new_tokens: int, batch_rows: int
) -> list[list[int]]:
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]), reverse=True)
    written: list[list[int]] = [[]] * len(prompts)
    alone = alone_above(model)
    start = 0
    while start < len(order):
        longest = len(prompts[order[start]]) + max_new_tokens
        chosen = order[start : start + (1 if longest > alone else _most_rows(batch_rows, longest, model))]
        texts = None
        try:
            some = [prompts[index] for index in chosen]
            if longest > alone:
                texts = [continue_alone(model, some[0], max_new_tokens)]
            else:
                texts = decode_greedily(model, some, tokenizer.pad_token_id, max_new_tokens)
        except RuntimeError as problem:
            if not is_out_of_memory(problem):
                raise
            if len(chosen) == 1:
                raise errors.out_of_memory(str(model.device)) from problem
        if texts is None:  # outside of the handler, whose traceback holds on to tensors
            release(model.device)
            batch_rows = len(chosen) // 2
            logger.info("out of memory in generation; %d rows at once from now on", batch_rows)
            continue
        for index, text in zip(chosen, texts, strict=True):
            written[index] = text
        start += len(chosen)
    return written


def _most_rows(batch_rows: int, longest: int, model: Any) -> int:
    """How many rows of up to so many tokens go together."""
    return batch_rows if model.device.type != "cpu" else max(1, min(batch_rows, CPU_BATCH_TOKENS // longest))
