"""What an endpoint asks of whatever serves its models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from emulator import errors


@dataclass(frozen=True)
class ModelToServe:
    """What a serving process needs to know."""

    model_name: str
    model_data_url: str
    """`s3://.../model.tar.gz` of the primary container, empty where the model names no artifact."""
    image: str
    environment: Mapping[str, str]
    uncompressed: bool = False
    """Whether the artifact is the files themselves; its URL ends with a slash where they are all under a prefix."""
    problem: str = ""
    """Why it is not served, where its containers alone tell."""

    def check(self) -> None:
        """Raises EndpointFailure for a model that something else would have to be served for."""
        if self.problem:
            raise errors.EndpointFailure(self.problem)


@dataclass(frozen=True)
class Invocation:
    """One request for the model's container, as its caller sent it, and how long the answer may take."""

    body: bytes
    content_type: str
    accept: str
    streaming: bool
    seconds: float


@dataclass(frozen=True)
class Reply:
    """What the container answers. Its parts come as they are made, and are closed by whoever asked for them."""

    content_type: str
    parts: "Parts"


class Parts(Protocol):
    """The parts of an answer."""

    def __iter__(self) -> Iterator[bytes]:
        """Each part in turn. Raises ContainerError where the next one does not come."""

    def close(self) -> None:
        """Give up what is left of them."""


class ModelServer(Protocol):
    """One model, in a process of its own whenever it is loaded.

    A server that was never started, as after a restart of the emulator, loads its model at the first `invoke`, as one
    does that was unloaded for being idle.
    """

    def start(self) -> None:
        """Load the model from S3 and answer once. Raises EndpointFailure."""

    def invoke(self, invocation: Invocation) -> Reply:
        """The model's answer to one request, from its first part on. Raises ContainerError."""

    def finish(self, seconds: float) -> None:
        """Return once nothing is being answered any more, or after so long."""

    def close(self) -> None:
        """End the process and free its memory; whatever waits for `start` or an answer fails."""


class ModelServers(Protocol):
    """Opens servers of models."""

    def open(self, region: str, endpoint_name: str, variant: str, model: ModelToServe) -> ModelServer:
        """A server for one production variant, not started yet; returns at once."""

    def close(self) -> None:
        """End all of them."""
