"""What a container of a function is given of the outside world: tables, parameters, venues, queues, and a clock."""

from collections.abc import Callable
from dataclasses import fields
from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulation.outlook import ObservedStore, StaleIndexes
from tests.simulation.recorded import RecordedVenue
from tests.simulation.sources import ContainerParams, OffsetClock, QueuedFollowUps
from tests.simulation.table_stream import StreamedRequests
from tests.simulation.venues import ContainerVenues

from undertow.desk import Outside
from undertow.ports import Repositories

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation


def held_repositories(simulation: "Simulation") -> Repositories:
    """Every call of theirs is held. Lists that are read from an index may be behind."""
    kept, store = simulation.universe.kept, simulation.universe.store
    assert isinstance(store, ObservedStore)
    held: dict[str, Any] = {
        port.name: simulation.gate.held(
            StaleIndexes(
                getattr(kept, port.name), port.name, store, simulation.clock, simulation.swarm, simulation.random
            ),
            port.name,
        )
        for port in fields(kept)
    }
    if simulation.person is not None:
        rows, chance = simulation.queues.requests, Random(f"stream {simulation.seed}")
        held["requests"] = simulation.gate.held(
            StreamedRequests(kept.requests, rows, simulation.clock, chance, simulation.poke), "requests"
        )
    return Repositories(**held)


def outside_of(simulation: "Simulation", number: int) -> Callable[[], Outside]:
    """What a new container has of the outside world. Its clock is what it is from the beginning."""
    offset_ms = 0
    if simulation.swarm.strikes("lambda_clock_off"):
        offset_ms = int(simulation.random.choice((-1, 1)) * simulation.random.choice((50, 400, 900, 2_500)))
    clock = OffsetClock(simulation.clock, offset_ms)

    def make() -> Outside:
        universe = simulation.universe
        keys = {
            account.id: (universe.house.credentials_of(account.id), generation)
            for account, generation in zip(universe.accounts, simulation.drawn.generations, strict=True)
        }
        venues = ContainerVenues(
            simulation.gate,
            simulation.rest.handle,
            clock.now_ms,
            number % 1_000,
            keys,
            lambda venue, account: RecordedVenue(venue, account, universe, simulation.gate),
        )
        notifier = simulation.notifier
        if simulation.alarms is not None:
            notifier = simulation.alarms.notifier(notifier, clock)
        follow_ups = QueuedFollowUps(simulation.queues.follow_ups, simulation.clock, simulation.poke)
        return Outside(
            simulation.repositories,
            ContainerParams(simulation.gate.held(universe.params, "params"), clock, simulation.swarm),
            venues,
            simulation.gate.held(follow_ups, "follow_ups"),
            notifier,
            universe.meter,
            clock,
        )

    return make
