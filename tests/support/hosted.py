"""Endpoints without a server around them: what the keeper keeps, over a database that outlives it."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emulator.endpoints.deployments import deployment_of
from emulator.endpoints.keeper import EndpointKeeper
from emulator.endpoints.record import Endpoint, EndpointConfig, EndpointStatus, Model
from emulator.endpoints.store import Hosting
from emulator.storage.database import Database
from tests.support.stub_servers import StubServer, StubServers

REGION = "us-east-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Host:
    """One life of the emulator, as far as endpoints go."""

    hosting: Hosting
    keeper: EndpointKeeper
    servers: StubServers

    def config(self, name: str, *models: str, weights: tuple[float, ...] = ()) -> EndpointConfig:
        """A configuration with a variant of the same name for each model."""
        variants = []
        for model, weight in itertools.zip_longest(models, weights, fillvalue=1.0):
            container = {"Image": "image", "ModelDataUrl": "s3://bucket/model.tar.gz"}
            self.hosting.models.ensure(Model(REGION, ACCOUNT, str(model), {"PrimaryContainer": container}, 1.0))
            variants.append({"VariantName": model, "ModelName": model, "InitialVariantWeight": weight})
        config = EndpointConfig(REGION, ACCOUNT, name, {"ProductionVariants": variants}, 1.0)
        self.hosting.configs.add(config, {})
        return config

    def create(self, name: str, *models: str, weights: tuple[float, ...] = ()) -> None:
        """Begin to create an endpoint, with a configuration of its name."""
        pending = deployment_of(self.config(name, *models, weights=weights), self.hosting, 1.0)
        request = {"EndpointConfigName": name}
        self.keeper.create(Endpoint(REGION, ACCOUNT, name, request, 1.0, 1.0, pending=pending), {})

    def update(self, name: str, *models: str) -> None:
        """Begin to update an endpoint to a configuration of those models."""
        pending = deployment_of(self.config(f"{name}-next", *models), self.hosting, 2.0)
        self.keeper.change(REGION, name, lambda endpoint: endpoint.updating(pending, None, 2.0))

    def delete(self, name: str) -> None:
        """Begin to delete an endpoint."""
        self.keeper.change(REGION, name, lambda endpoint: endpoint.deleting(3.0))

    def status(self, name: str) -> EndpointStatus:
        """Where an endpoint stands."""
        return self.hosting.endpoints.get(REGION, name).status

    def target(self, name: str, variant: str | None = None) -> str:
        """The model that an invocation goes to; its variant has the same name."""
        server, chosen = self.keeper.target(REGION, ACCOUNT, name, variant)
        assert isinstance(server, StubServer)
        assert not server.closed.is_set()
        assert server.model.model_name == chosen
        return chosen


@contextmanager
def living(database: Database) -> Iterator[Host]:
    """A keeper from its start to its end, over a database."""
    hosting = Hosting(database, ACCOUNT)
    servers = StubServers()
    keeper = EndpointKeeper(hosting.endpoints, servers, time.time)
    keeper.start()
    try:
        yield Host(hosting, keeper, servers)
    finally:
        keeper.close()
