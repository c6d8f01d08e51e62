"""Writes all texts that are asked for, as many at once as memory allows, and lets new ones in between two steps."""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import torch

from emulator import errors
from emulator.generation.lone_rows import alone_above
from emulator.generation.out_of_memory import release
from emulator.generation.reader import Reader
from emulator.inference.batch import Batch, refusal_of
from emulator.inference.lone_reader import LoneReader
from emulator.inference.row import Row
from emulator.inference.wanted import Prefilled

MOST_ROWS = 64
MOST_TOKENS = 16_384
"""For which keys and values are kept at once, those still to be written included."""
MOST_WAITING = 256

logger = logging.getLogger(__name__)


class Engine:
    """The rows that wait and the batches that are being written. One thread runs it; any may submit."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._reader = Reader(model, tokenizer.pad_token_id)
        self._alone_above = alone_above(model)
        self._lone_reader = LoneReader(model)
        self._tokenizer = tokenizer
        self._changed = threading.Condition()
        self._waiting: deque[Row] = deque()
        self._batches: list[Batch] = []
        self._moved_at = time.monotonic()

    def submit(self, rows: Sequence[Row]) -> None:
        """Have these rows written. Raises ContainerError where too many wait already."""
        with self._changed:
            if len(self._waiting) + len(rows) > MOST_WAITING:
                self._waiting = deque(row for row in self._waiting if not row.cancelled)
            if len(self._waiting) + len(rows) > MOST_WAITING:
                raise errors.model_overloaded()
            self._waiting.extend(rows)
            self._changed.notify()

    def stuck_for(self) -> float:
        """Seconds since the last step, where there is something to do."""
        busy = self._waiting or self._batches
        return time.monotonic() - self._moved_at if busy else 0.0

    def prefill(self, row: Row) -> list[Prefilled]:
        """What the model read before the text, token by token; of an encoder-decoder, what its decoder began with."""
        ids = self._reader.read_before(row.wanted.prompt.ids)
        likely: list[float] = []
        if len(ids) > 1:
            logprobs = self._reader.all_logits(ids)[:-1].float().log_softmax(dim=-1)
            likely = logprobs.gather(1, torch.tensor([ids[1:]], device=logprobs.device).T)[:, 0].tolist()
        texts = [self._tokenizer.decode([token]) for token in ids]
        return [Prefilled(*told) for told in zip(ids, texts, [None, *likely], strict=True)]

    def run(self) -> None:
        """Write, for ever."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._batches)
                self._moved_at = time.monotonic()
            self.work()

    @torch.inference_mode()
    def work(self) -> None:
        """Let in who waits, and take one step with every row."""
        entering = self._entering()
        together = [row for row in entering if row.most_tokens <= self._alone_above]
        if together:
            self._enter(together, self._reader)
        for row in entering:
            if row.most_tokens > self._alone_above:
                self._enter([row], self._lone_reader)
        for batch in list(self._batches):
            if self._survives(batch.rows, batch.step) and batch.rows:
                continue
            self._batches.remove(batch)
        self._moved_at = time.monotonic()

    def _entering(self) -> list[Row]:
        """The rows that wait and for which there is room, in their order; one always has room if it is alone."""
        widest = max((batch.width for batch in self._batches), default=0)
        running = [row for batch in self._batches for row in batch.rows]
        longest = max([widest, *(row.most_tokens for row in running)], default=0)
        chosen: list[Row] = []
        with self._changed:
            while self._waiting:
                count = len(running) + len(chosen) + 1
                longest = max(longest, self._waiting[0].most_tokens)
                if count > 1 and (count > MOST_ROWS or count * longest > MOST_TOKENS):
                    break
                chosen.append(self._waiting.popleft())
        return [row for row in chosen if not row.cancelled]

    def _enter(self, rows: list[Row], reader: Reader | LoneReader) -> None:
        made: list[Batch] = []
        if not self._survives(rows, lambda: made.append(Batch(reader, rows, self._reader.ends))):
            return
        batch = made[0]
        if not batch.rows:
            return
        first = next((each for each in self._batches if each.can_join), None)
        if first is not None and batch.can_join:
            if not self._survives([*first.rows, *batch.rows], lambda: first.join(batch)):
                self._batches.remove(first)
        else:
            self._batches.append(batch)

    def _survives(self, rows: Sequence[Row], action: Any) -> bool:
        """Do something for rows; where it breaks, they fail and the others go on."""
        concerned = list(rows)
        try:
            action()
        except Exception as problem:
            logger.exception("a batch of %d rows broke", len(concerned))
            refusal = refusal_of(problem)
        else:
            return True
        release(self._reader.device)  # outside of the handler, whose traceback holds on to tensors
        for row in concerned:
            if row.written.reason is None and not row.cancelled:
                row.fail(refusal)
        return False
