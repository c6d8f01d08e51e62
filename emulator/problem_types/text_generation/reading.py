"""The channels of a job, from S3 to rows on two sides; never more in memory than the base model's limits allow."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator import errors
from emulator.problem_types.text_generation.facts import DEFAULT_VALIDATION_FRACTION
from emulator.problem_types.text_generation.subject import Subject
from emulator.s3.client import S3
from emulator.training.dataset import Row, Split, read_rows, split_rows
from emulator.training.long_cells import cell_limit

DEFAULT_CONTENT_TYPE = "text/csv;header=present"

logger = logging.getLogger(__name__)


class ChannelReader:
    """Reads channels into a scratch folder's files, one at a time, and from there row by row."""

    def __init__(self, s3: S3, folder: Path, subject: Subject) -> None:
        self._s3 = s3
        self._folder = folder
        self._base = subject.base
        self._limit = cell_limit(
            subject.tokenizer, subject.base.context, encoder_decoder=subject.prompt_format.encoder_decoder
        )
        self._rows = 0
        self._files: list[tuple[str, list[Row]]] = []

    def read(self, channel: Mapping[str, Any]) -> list[Row]:
        """All rows of a channel. Raises JobFailure, as soon as all channels together pass the row limit."""
        rows = []
        cut = 0
        for row in self._rows_of(channel):
            self._rows += 1
            if self._rows > self._base.rows:
                raise errors.too_many_rows(self._base.rows, self._base.name)
            rows.append(self._limit.cut(row))
            self._files[-1][1].append(rows[-1])
            cut += rows[-1] != row
        if cut:
            logger.info("%d rows have cells of which %d characters were read", cut, self._limit.characters)
        return rows

    def place_of(self, row: Row) -> tuple[str, int]:
        """The file and the number of a row that was read."""
        return next(
            (name, number)
            for name, rows in self._files
            for number, each in enumerate(rows, start=1)
            if each is row  # another may be equal
        )

    def _rows_of(self, channel: Mapping[str, Any]) -> Iterator[Row]:
        content_type = channel.get("ContentType", DEFAULT_CONTENT_TYPE)
        for file, name in self._s3.download_all(_uri(channel), self._folder):
            self._files.append((name, []))
            yield from read_rows(file, name, content_type)


def load_split(request: Mapping[str, Any], reader: ChannelReader, seed: int) -> Split:
    """The training and the validation rows of a request. Raises JobFailure."""
    channels = {}
    for channel in request["AutoMLJobInputDataConfig"]:
        kind = channel.get("ChannelType", "training")
        channels[kind] = reader.read(channel)
        if not channels[kind]:
            raise errors.no_rows(_uri(channel), kind)
    if "validation" in channels:
        split = Split(channels["training"], channels["validation"])
    else:
        fraction = request.get("DataSplitConfig", {}).get("ValidationFraction", DEFAULT_VALIDATION_FRACTION)
        split = split_rows(channels["training"], fraction, seed)
    logger.info("%d training rows, %d validation rows", len(split.training), len(split.validation))
    return split


def _uri(channel: Mapping[str, Any]) -> str:
    return channel["DataSource"]["S3DataSource"]["S3Uri"]  # type: ignore[no-any-return]
