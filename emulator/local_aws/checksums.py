"""Checksums that S3 computes of itself: importing this is enough.

What is relied on of moto's inside: `compute_checksum`, which takes CRC32 for what Python has not, and
`MultipartChecksumBuilder`, which makes one for each upload in parts.
"""

import base64
from typing import Any

from moto.s3 import models, responses

from emulator.s3.crc import crc32c, crc64nvme

_MADE = {"CRC32C": crc32c, "CRC64NVME": crc64nvme}
_PIECE = 1 << 20

_models: Any = models
_responses: Any = responses
_compute: Any = _models.compute_checksum
_Builder: Any = _models.MultipartChecksumBuilder


def _compute_checksum(body: bytes, algorithm: str, encode_base64: bool = True) -> bytes:
    if algorithm not in _MADE:
        plain: bytes = _compute(body, algorithm, encode_base64)
        return plain
    checksum = _MADE[algorithm]()
    for start in range(0, len(body), _PIECE):
        checksum.update(body[start : start + _PIECE])
    return base64.b64encode(checksum.digest()) if encode_base64 else checksum.digest()


class _AskedChecksums(_Builder):  # type: ignore[misc]
    """S3 computes one whether it is asked or not; here nobody waits for what nobody asked for."""

    def __init__(self, algorithm: str | None, kind: str | None) -> None:
        super().__init__(algorithm, kind)
        self._asked = algorithm is not None

    def addPart(self, part: bytes) -> None:  # noqa: N802 - moto's name
        if self._asked:
            super().addPart(part)

    def build(self) -> Any:
        return super().build() if self._asked else None


_models.compute_checksum = _responses.compute_checksum = _compute_checksum
_models.MultipartChecksumBuilder = _AskedChecksums
