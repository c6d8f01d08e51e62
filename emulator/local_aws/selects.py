"""SelectObjectContent, whose faults are the caller's: importing this is enough.

What is relied on of moto's inside: `S3Backend.select_object_content` unpacks the object, reads it as UTF-8, and gives
`parse_query` the expression. Its parser tells of what it does not understand by whatever exception it meets.
"""

import logging
import zlib
from typing import Any

from moto.s3 import models
from moto.s3.models import S3Backend

from emulator import errors

logger = logging.getLogger(__name__)

_select: Any = S3Backend.select_object_content
_models: Any = models
_parse: Any = _models.parse_query


def _parse_query(text: str, query: str) -> Any:
    try:
        return _parse(text, query)
    except Exception as problem:
        logger.warning("moto does not understand the expression %r: %r", query, problem)
        raise errors.s3.no_sql() from problem


def _select_object_content(
    self: S3Backend, bucket_name: str, key_name: str, select_query: str | None, input_details: Any, output_details: Any
) -> Any:
    if not select_query:
        raise errors.s3.no_sql()
    try:
        return _select(self, bucket_name, key_name, select_query, input_details, output_details)
    except UnicodeDecodeError:
        raise errors.s3.not_utf8() from None
    except (EOFError, OSError, zlib.error) as problem:  # BZ2's is an OSError as those of a disk are
        compression = input_details.get("CompressionType", "NONE")
        if compression == "NONE" or getattr(problem, "errno", None) is not None:
            raise
        raise errors.s3.not_compressed_so(compression) from None


_models.parse_query = _parse_query
S3Backend.select_object_content = _select_object_content  # type: ignore[method-assign]
