"""Brings endpoints up, changes them and ends them, and knows what serves each of their variants."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from secrets import SystemRandom

from emulator import errors
from emulator.endpoints.record import IN_PROGRESS, Deployment, Endpoint, EndpointStatus, Variant
from emulator.endpoints.serving import ModelServer, ModelServers
from emulator.endpoints.store import Records
from emulator.storage.retrying import retried

LONGEST_SHUTDOWN_SECONDS = 15.0
LONGEST_ANSWER_SECONDS = 60.0
"""After which no request to what was replaced can be under way any more: models have 60 seconds (documented)."""

logger = logging.getLogger(__name__)

Fleet = Mapping[str, ModelServer]
"""The server of each variant."""

Step = Callable[[Endpoint], Endpoint]


class EndpointKeeper:
    """The only writer of an endpoint's status. Each change of an endpoint runs in a thread of its own."""

    def __init__(self, endpoints: Records[Endpoint], servers: ModelServers, clock: Callable[[], float]) -> None:
        self._endpoints = endpoints
        self._servers = servers
        self._clock = clock
        self._fleets: dict[str, Fleet] = {}
        self._starting: list[Fleet] = []
        self._retiring: list[tuple[str, Fleet]] = []
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._random = SystemRandom()

    def start(self) -> None:
        """Take up what was there when the emulator ended: what served serves, and what was under way goes on."""
        for endpoint in self._endpoints.all():
            if endpoint.live is not None and endpoint.status is not EndpointStatus.DELETING:
                self._fleets[endpoint.arn] = self._open(endpoint, endpoint.live)
            if endpoint.status in IN_PROGRESS:
                self._go_on(endpoint)

    def create(self, endpoint: Endpoint, tags: Mapping[str, str]) -> None:
        """Keep a new endpoint and begin to deploy it. Raises ValidationException where the name is taken."""
        self._endpoints.add(endpoint, tags)
        self._go_on(endpoint)

    def change(self, region: str, name: str, step: Step) -> Endpoint:
        """Take an endpoint to Updating or Deleting, and go on from there. Raises ValidationException."""
        endpoint = self._endpoints.change(region, name, step)
        self._go_on(endpoint)
        return endpoint

    def settled(self, region: str, name: str) -> Endpoint:
        """The endpoint as soon as nothing is under way with it. Raises ValidationException, ServerEnding."""
        with self._changed:
            while (endpoint := self._endpoints.get(region, name)).status in IN_PROGRESS:
                if self._closing.is_set():
                    raise errors.ServerEnding
                self._changed.wait()
        return endpoint

    def target(self, region: str, account: str, name: str, variant: str | None = None) -> tuple[ModelServer, str]:
        """What serves a request, and the name of its variant: the one asked for, or one drawn by weight.

        Raises ValidationError, the runtime's: for an endpoint that is not there or not in service, and for a variant
        that it does not have.
        """
        with self._changed:
            endpoint = self._to_invoke(region, account, name)
            fleet = self._fleets.get(endpoint.arn)
        if fleet is None or endpoint.live is None:
            raise errors.endpoint_not_in_service(name, account, endpoint.status)
        chosen = self._draw(endpoint.live.variants) if variant is None else variant
        if chosen not in fleet:
            raise errors.no_variant_to_invoke(chosen)
        return fleet[chosen], chosen

    def reset(self, forget: Callable[[], None]) -> None:
        """End all servers, and call `forget`; what is under way ends too, and nobody hears of it any more."""
        with self._changed:
            fleets = [*self._fleets.values(), *self._starting, *(fleet for _, fleet in self._retiring)]
            self._fleets.clear()
            forget()
            self._changed.notify_all()
        for fleet in fleets:
            _close(fleet)

    def begin_to_end(self) -> None:
        """Begin nothing more; from now on the end of a server means nothing for its endpoint, which stays as it is."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()

    def close(self) -> None:
        """End all servers, and wait for what is under way."""
        self.begin_to_end()
        self._servers.close()
        for thread in self._threads:
            thread.join(LONGEST_SHUTDOWN_SECONDS)

    def _to_invoke(self, region: str, account: str, name: str) -> Endpoint:
        try:
            endpoint = self._endpoints.get(region, name)
        except errors.ApiError:
            endpoint = None
        if endpoint is None or endpoint.name != name:  # "the case is preserved and must be matched in InvokeEndpoint"
            raise errors.no_endpoint_to_invoke(name, account)
        return endpoint

    def _draw(self, variants: tuple[Variant, ...]) -> str:
        most = max(variant.weight for variant in variants)
        # as shares of the greatest: the sum of weights near a float's end is infinite, and nothing can be drawn by it
        shares = [1.0 if variant.weight == most else variant.weight / most for variant in variants]
        drawn = self._random.choices(variants, shares if most else None)
        return drawn[0].name

    def _go_on(self, endpoint: Endpoint) -> None:
        work = self._delete if endpoint.status is EndpointStatus.DELETING else self._deploy
        name = f"endpoint-{endpoint.name}"
        thread = threading.Thread(target=_guarded, args=(work, endpoint), daemon=True, name=name)
        with self._changed:
            if not self._closing.is_set():
                self._threads = [*(other for other in self._threads if other.is_alive()), thread]
                thread.start()

    def _deploy(self, endpoint: Endpoint) -> None:
        """Start what is pending; then let it serve, or go back to what served before."""
        fleet: Fleet = {}
        replaced: Fleet = {}
        try:
            if endpoint.pending is not None:
                for variant in endpoint.pending.variants:
                    variant.model.check()
                fleet = self._open(endpoint, endpoint.pending)
                with self._changed:
                    self._starting.append(fleet)
                for server in fleet.values():
                    server.start()
            replaced = self._conclude(endpoint, fleet, lambda endpoint: endpoint.deployed(self._clock()))
        except Exception as problem:
            _close(fleet)
            if not self._closing.is_set():
                reason = _reason(endpoint, problem)
                self._conclude(endpoint, {}, lambda endpoint: endpoint.failed(reason, self._clock()))
        finally:
            with self._changed:
                self._starting = [other for other in self._starting if other is not fleet]
        self._retire(replaced)

    def _delete(self, endpoint: Endpoint) -> None:
        with self._changed:
            fleets = [self._fleets.pop(endpoint.arn, {})]
            fleets += [fleet for arn, fleet in self._retiring if arn == endpoint.arn]
        for fleet in fleets:
            _close(fleet)
        retried(lambda: self._remove(endpoint), endpoint.name, self._closing)

    def _remove(self, endpoint: Endpoint) -> None:
        with self._changed:
            if not self._closing.is_set() and self._there(endpoint):
                self._endpoints.remove(endpoint.region, endpoint.name)
            self._changed.notify_all()

    def _conclude(self, endpoint: Endpoint, fleet: Fleet, step: Step) -> Fleet:
        """Write the end of a deployment into the record; a new fleet takes the place of the one before, given back."""
        return retried(lambda: self._written(endpoint, fleet, step), endpoint.name, self._closing)

    def _written(self, endpoint: Endpoint, fleet: Fleet, step: Step) -> Fleet:
        with self._changed:  # for one try, not while there is no room
            if not self._there(endpoint):
                _close(fleet)
                return {}
            self._endpoints.change(endpoint.region, endpoint.name, step)
            replaced = self._fleets.get(endpoint.arn, {}) if fleet else {}
            if fleet:
                self._fleets[endpoint.arn] = fleet
            if replaced:
                self._retiring.append((endpoint.arn, replaced))
            self._changed.notify_all()
        return replaced

    def _retire(self, fleet: Fleet) -> None:
        """End a fleet that was replaced once it has answered what it was asked, as AWS's blue/green updates do."""
        deadline = time.monotonic() + LONGEST_ANSWER_SECONDS
        for server in fleet.values():
            server.finish(max(0.0, deadline - time.monotonic()))
        _close(fleet)
        with self._changed:
            self._retiring = [(arn, other) for arn, other in self._retiring if other is not fleet]

    def _there(self, endpoint: Endpoint) -> bool:
        """Whether a reset has left the endpoint, and not another one of its name."""
        try:
            return self._endpoints.get(endpoint.region, endpoint.name).created == endpoint.created
        except errors.ApiError:
            return False

    def _open(self, endpoint: Endpoint, deployment: Deployment) -> Fleet:
        return {
            variant.name: self._servers.open(endpoint.region, endpoint.name, variant.name, variant.model)
            for variant in deployment.variants
        }


def _guarded(work: Callable[[Endpoint], None], endpoint: Endpoint) -> None:
    """Do what is under way with an endpoint; where it cannot be written, the next start goes on with it."""
    try:
        work(endpoint)
    except Exception:
        logger.exception("the record of %s stays as it is", endpoint.name)


def _reason(endpoint: Endpoint, problem: Exception) -> str:
    if not isinstance(problem, errors.EndpointFailure):
        logger.error("deploying %s broke", endpoint.name, exc_info=problem)
        problem = errors.deployment_broke(f"{type(problem).__name__}: {problem}")
    logger.info("%s could not be deployed: %s", endpoint.name, problem)
    return str(problem)


def _close(fleet: Fleet) -> None:
    for server in fleet.values():
        try:
            server.close()
        except Exception:
            logger.exception("a model server could not be closed")
