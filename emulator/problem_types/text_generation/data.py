"""The data of a text generation job: read from its channels, split, encoded, held against the model's limits."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator import errors
from emulator.problem_types.text_generation.facts import DEFAULT_VALIDATION_FRACTION
from emulator.problem_types.text_generation.subject import Subject
from emulator.storage.s3 import S3
from emulator.training.batches import Batch
from emulator.training.dataset import Row, Split, read_rows, split_rows
from emulator.training.prompts import MOST_TRUNCATED, Example

DEFAULT_CONTENT_TYPE = "text/csv;header=present"
EVALUATION_ROWS = 32
MOST_NEW_TOKENS = 256

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Data:
    """The rows of both sides, and what the model's tokenizer makes of them."""

    split: Split
    training: list[Example]
    validation: list[Example]
    validation_batches: list[Batch]

    @property
    def truncated(self) -> int:
        """How many rows were longer than the context limit."""
        return sum(example.truncated for example in [*self.training, *self.validation])

    @property
    def max_new_tokens(self) -> int:
        """How long a generated text may be: as the longest training response, at most MOST_NEW_TOKENS tokens."""
        return min(MOST_NEW_TOKENS, max(len(example.response) for example in self.training))


def load_split(request: Mapping[str, Any], s3: S3, folder: Path, seed: int) -> Split:
    """The training and the validation rows of a request. Raises JobFailure."""
    channels = {
        channel.get("ChannelType", "training"): _read_channel(channel, s3, folder)
        for channel in request["AutoMLJobInputDataConfig"]
    }
    if "validation" in channels:
        split = Split(channels["training"], channels["validation"])
        if not (split.training and split.validation):
            raise errors.too_few_rows(len(split.training) + len(split.validation))
    else:
        fraction = request.get("DataSplitConfig", {}).get("ValidationFraction", DEFAULT_VALIDATION_FRACTION)
        split = split_rows(channels["training"], fraction, seed)
    logger.info("%d training rows, %d validation rows", len(split.training), len(split.validation))
    return split


def prepare(split: Split, subject: Subject) -> Data:
    """Encode the rows. Raises JobFailure where they break a limit of the base model."""
    rows = len(split.training) + len(split.validation)
    if rows > subject.base.rows:
        raise errors.too_many_rows(rows, subject.base.rows, subject.base.name)
    training = subject.prompt_format.encode(split.training, subject.tokenizer)
    validation = subject.prompt_format.encode(split.validation, subject.tokenizer)
    prepared = Data(split, training, validation, list(subject.batcher.batches(validation, EVALUATION_ROWS)))
    if prepared.truncated > MOST_TRUNCATED * rows:
        raise errors.too_many_truncated_rows(prepared.truncated, rows, subject.base.context)
    return prepared


def _read_channel(channel: Mapping[str, Any], s3: S3, folder: Path) -> list[Row]:
    uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
    content_type = channel.get("ContentType", DEFAULT_CONTENT_TYPE)
    return [row for file, name in s3.download_all(uri, folder) for row in read_rows(file, name, content_type)]
