"""The place of model servers until there are some: every endpoint fails, and says why."""

from emulator import errors
from emulator.endpoints.serving import ModelToServe


class Unserved:
    """A model that nothing serves."""

    def start(self) -> None:
        """Raises EndpointFailure."""
        raise errors.deployment_broke("this build of it serves no models")

    def invoke(self, _body: bytes, _content_type: str, _accept: str, _deadline_s: float) -> bytes:
        """Raises EndpointFailure."""
        raise errors.deployment_broke("this build of it serves no models")

    def close(self) -> None:
        """There is nothing to end."""


class NoModelServers:
    """Serves nothing."""

    def open(self, _region: str, _endpoint_name: str, _variant: str, _model: ModelToServe) -> Unserved:
        """A server that fails when it is started."""
        return Unserved()

    def close(self) -> None:
        """There is nothing to end."""
