"""Model servers that load nothing: each does what the name of its model begins with."""

import threading
from collections.abc import Generator

from emulator.endpoints.serving import Invocation, ModelToServe, Reply
from emulator.errors import EndpointFailure

REFUSAL = "The model is not one of this emulator's."


class StubServer:
    """One served model: `fail` cannot be loaded, `break` raises what no one expects, `hold` loads until released."""

    def __init__(self, model: ModelToServe) -> None:
        self.model = model
        self.holds = model.model_name.startswith("hold-")
        self.started = False
        self.closed = threading.Event()
        self.released = threading.Event()

    def start(self) -> None:
        """Do as the name of the model says."""
        scenario = self.model.model_name.partition("-")[0]
        if scenario == "fail":
            raise EndpointFailure(REFUSAL)
        if scenario == "break":
            raise OSError("no such device")
        if scenario == "hold":
            self.released.wait()
        if self.closed.is_set():
            raise EndpointFailure("closed while loading")
        self.started = True

    def invoke(self, invocation: Invocation) -> Reply:
        """The request, after the name of the model."""
        return Reply("text/plain", _once(self.model.model_name.encode() + b": " + invocation.body))

    def finish(self, seconds: float) -> None:
        """Nothing takes any time here."""
        assert seconds >= 0

    def close(self) -> None:
        """Serve no more."""
        self.closed.set()
        self.released.set()


class StubServers:
    """All servers that were opened, by endpoint and variant, the latest last."""

    def __init__(self) -> None:
        self.opened: dict[tuple[str, str], list[StubServer]] = {}

    def open(self, region: str, endpoint_name: str, variant: str, model: ModelToServe) -> StubServer:
        """A server, not started yet."""
        assert region
        server = StubServer(model)
        self.opened.setdefault((endpoint_name, variant), []).append(server)
        return server

    def release(self, endpoint_name: str, variant: str = "AllTraffic") -> None:
        """Let a variant finish loading, as soon as it has begun to."""
        server = self.loading(endpoint_name, variant)
        server.released.set()

    def loading(self, endpoint_name: str, variant: str = "AllTraffic") -> StubServer:
        """The server of a variant that holds, as soon as there is one."""
        for _ in range(1000):
            for server in self.opened.get((endpoint_name, variant), ()):
                if server.holds and not server.released.wait(0.005):
                    return server
            threading.Event().wait(0.005)
        raise AssertionError(f"no server of {variant} of {endpoint_name} holds")

    def close(self) -> None:
        """End all of them."""
        for servers in self.opened.values():
            for server in servers:
                server.close()


def _once(content: bytes) -> Generator[bytes]:
    yield content
