"""What an endpoint asks of whatever serves its models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ModelToServe:
    """What a serving process needs to know."""

    model_name: str
    model_data_url: str
    """`s3://.../model.tar.gz` of the primary container, empty where the model names no artifact."""
    image: str
    environment: Mapping[str, str]


class ModelServer(Protocol):
    """One model, in a process of its own whenever it is loaded.

    A server that was never started, as after a restart of the emulator, loads its model at the first `invoke`, as one
    does that was unloaded for being idle.
    """

    def start(self) -> None:
        """Load the model from S3 and answer once. Raises EndpointFailure."""

    def invoke(self, body: bytes, content_type: str, accept: str, deadline_s: float) -> bytes:
        """The model's answer to one request."""

    def close(self) -> None:
        """End the process and free its memory; whatever waits for `start` or an answer fails."""


class ModelServers(Protocol):
    """Opens servers of models."""

    def open(self, region: str, endpoint_name: str, variant: str, model: ModelToServe) -> ModelServer:
        """A server for one production variant, not started yet; returns at once."""

    def close(self) -> None:
        """End all of them."""
