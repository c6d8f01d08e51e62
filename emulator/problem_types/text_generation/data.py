"""The data of a text generation job as its model sees them: encoded, held against the limits."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from emulator import errors
from emulator.generation.positions import switches_at
from emulator.problem_types.text_generation.subject import Subject
from emulator.training.batches import Batch, Batcher
from emulator.training.dataset import Row, Split
from emulator.training.memory import CPU_TOKENS, longest, portions
from emulator.training.prompts import MOST_TRUNCATED, Example

EVALUATION_ROWS = 32
"""At once, where the loss is measured."""
MOST_ALONE = 32
"""Validation rows of an encoder-decoder up to which each is measured by itself on a CPU (docs/metrics.md)."""
MOST_NEW_TOKENS = 256
CHARACTERS_AT_ONCE = 500_000
"""In tokenizing, which takes some two hundred bytes a token."""


@dataclass(frozen=True)
class Data:
    """What the model's tokenizer makes of both sides, and the validation rows themselves."""

    training: list[Example]
    validation: list[Example]
    validation_rows: list[Row]
    validation_batches: list[Batch]
    empty_cells: int

    @property
    def truncated(self) -> int:
        """How many rows were longer than the context limit."""
        return sum(example.truncated for example in [*self.training, *self.validation])

    @property
    def max_new_tokens(self) -> int:
        """How long a generated text may be: as the longest training response, at most MOST_NEW_TOKENS tokens."""
        return min(MOST_NEW_TOKENS, max(len(example.response) for example in self.training))


class NoTokens(Exception):
    """A row holds something for which the model's tokenizer has no token, nor one for what it does not know."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


def prepare(split: Split, subject: Subject) -> Data:
    """Encode the rows. Raises JobFailure where too many are longer than the base model can read, and NoTokens."""
    training, validation = _encode(split.training, subject), _encode(split.validation, subject)
    prepared = Data(
        training,
        validation,
        split.validation,
        loss_batches(validation, subject.batcher, switches_at(subject.model.config)),
        empty_cells=sum(not cell for row in [*split.training, *split.validation] for cell in row),
    )
    rows = len(training) + len(validation)
    if prepared.truncated > MOST_TRUNCATED * rows:
        raise errors.too_many_truncated_rows(prepared.truncated, rows, subject.prompt_format.context)
    return prepared


def loss_batches(validation: Sequence[Example], batcher: Batcher, switch: int = sys.maxsize) -> list[Batch]:
    """The rows so that their loss is rounded as by who checks it: not packed, and where that matters one by one.

    It does for few rows of an encoder-decoder on a CPU: padding changes the seventh digit. Over many it evens out. It
    does, too, where a row of more than `switch` tokens would place all others in its batch otherwise.
    """
    rounded = batcher.encoder_decoder and batcher.device.type == "cpu" and len(validation) <= MOST_ALONE
    alone = rounded or longest(validation) > switch
    parts = portions(validation, 1 if alone else EVALUATION_ROWS, CPU_TOKENS)
    plain = replace(batcher, packed=False)
    return [plain.batch(part) for part in parts]


def _encode(rows: Sequence[Row], subject: Subject) -> list[Example]:
    return [example for some in _portions(rows) for example in _encode_portion(some, subject)]


def _encode_portion(rows: Sequence[Row], subject: Subject) -> list[Example]:
    try:
        return subject.prompt_format.encode(rows, subject.tokenizer)
    except MemoryError:
        raise
    except Exception as problem:  # tokenizers has no other kind, and does not say which of many texts it is
        if len(rows) == 1:
            raise NoTokens(rows[0]) from problem
        return [example for row in rows for example in _encode_portion([row], subject)]


def _portions(rows: Sequence[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    characters = 0
    for row in rows:
        some.append(row)
        characters += len(row.input) + len(row.output)
        if characters >= CHARACTERS_AT_ONCE:
            yield some
            some, characters = [], 0
    if some:
        yield some
