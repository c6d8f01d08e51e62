"""Where a worker finds S3, and with which key. Imports nothing, so that the server can say it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class S3Access:
    """An endpoint and a key that it takes; without a key, the environment's counts."""

    endpoint: str
    key_id: str | None = None
    secret: str | None = field(default=None, repr=False)
    own: bool = False
    """Whether it is the emulator's own S3, which takes files of this machine as they are."""
