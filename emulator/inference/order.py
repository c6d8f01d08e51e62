"""What a process that serves a model is told when it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from emulator.s3.access import S3Access

SERVICE = "emulator.inference.service"
"""What serves it: the one module of this package that needs torch to be imported."""

Container = Literal["tgi", "djl"]


@dataclass(frozen=True)
class ServingOrder:
    """The model to load, the container to stand for, and where S3 is."""

    model_data_url: str
    container: Container
    environment: Mapping[str, str]
    variant: str
    region: str
    s3: S3Access
    device: str
    uncompressed: bool
    """Whether the URL is that of the files themselves, or of the prefix that they are under."""
    folder: str
    """Scratch space on this machine, empty but for the order and the log.

    The server listens for it there, too: emulator.frames.address_in.
    """
