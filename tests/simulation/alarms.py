"""How people hear of what goes wrong: reports through their queue to routes that fail, and the look at the heartbeats.

In some of the seeds only; chance is its own, so that the others are what they would be without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import EndpointConnectionError
from tests.simulation.lambdas import Function, Handler, Spec, door_of
from tests.simulation.queues import Queue
from tests.simulation.sources import QueueRedelivery

from undertow.adapters.notify.queued import QueuedNotifier
from undertow.desk import Outside
from undertow.domain.account import Heartbeat
from undertow.domain.alert import AlertLevel
from undertow.entry import schedule_handler, sqs_handler
from undertow.ports import (
    AlertPolicy,
    AlertRoute,
    Clock,
    Notice,
    Notifier,
    NotScheduled,
    Parameters,
    RouteFailed,
    RouteKind,
    RouteRefused,
)
from undertow.services.carry_out_trial import CarryOutTrial
from undertow.services.check_heartbeats import CheckHeartbeats
from undertow.services.end_alerts import EndAlerts
from undertow.services.switchboard import Switchboard
from undertow.services.tell_alert import TellAlert
from undertow.services.try_routes import TryRoutes

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

HEARD: Final = 0.25
"""In how many of the seeds people are told."""
BEAT_MS: Final = 10_000
STAGE: Final = "test"
LOUD: Final = frozenset({AlertLevel.CRITICAL, AlertLevel.HIGH})
POLICY: Final = AlertPolicy(
    (
        AlertRoute("phone", RouteKind.TELEGRAM, LOUD),
        AlertRoute("room", RouteKind.DISCORD, frozenset(AlertLevel)),
    ),
    dead_man=True,
)
Telling = tuple[str, str, int, int]
"""Route, key and episode of an alert, and the moment at which it was due."""


def people_are_told(seed: int) -> bool:
    return Random(f"who is told {seed}").random() < HEARD


def told_of(parameters: Parameters) -> Parameters:
    return replace(parameters, globals=replace(parameters.globals, alerts=POLICY))


@dataclass(slots=True)
class PeopleByRoute:
    """Implements ``ports.Routes``. ``tellings`` are what reached people, or was refused for good, with its order."""

    random: Random
    troubles: float
    tellings: list[Telling] = field(default_factory=list)
    refused: list[Telling] = field(default_factory=list)
    pings: int = 0

    def send(self, route: AlertRoute, notice: Notice) -> None:
        alert = notice.alert
        telling = (route.name, alert.key, alert.episode, alert.due_ms)
        if self.random.random() < self.troubles:
            if self.random.random() < 0.2:
                self.refused.append(telling)
                raise RouteRefused("the chat is gone")
            if self.random.random() < 0.5:
                self.tellings.append(telling)
            raise RouteFailed("no answer")
        self.tellings.append(telling)

    def ping(self) -> None:
        if self.random.random() < self.troubles:
            raise RouteFailed("no answer")
        self.pings += 1


@dataclass(frozen=True, slots=True)
class QueueClient:
    """What `QueuedNotifier` needs of boto3's client. ``held`` puts a message into the queue, or cannot."""

    held: Any

    def send_message(self, **given: str) -> None:
        try:
            self.held.send(given["MessageBody"], given["MessageGroupId"], given["MessageDeduplicationId"])
        except NotScheduled as failure:
            raise EndpointConnectionError(endpoint_url="simulated") from failure


@dataclass(frozen=True, slots=True)
class Into:
    alarms: "Alarms"

    def send(self, body: str, group: str, digest: str) -> None:
        simulation = self.alarms.simulation
        self.alarms.queue.send(body, group, digest, simulation.clock.at_ms)
        simulation.poke(self.alarms.queue)


@dataclass(frozen=True, slots=True)
class Depths:
    """Implements ``ports.DeadLetters``."""

    queues: tuple[Queue, ...]

    def depths(self) -> Mapping[str, int]:
        return {queue.name: len(queue.dead) for queue in self.queues}


@dataclass(slots=True, eq=False)
class Alarms:
    simulation: "Simulation"
    random: Random
    queue: Queue = field(default_factory=lambda: Queue("notifications", True, 180_000, 10, 345_600_000))
    people: PeopleByRoute = field(init=False)

    def __post_init__(self) -> None:
        self.people = PeopleByRoute(self.random, self.random.choice((0.0, 0.05, 0.3)))

    def notifier(self, log: Notifier, clock: Clock) -> Notifier:
        """One for each container, which remembers what it has reported of late."""
        simulation = self.simulation
        client: Any = QueueClient(simulation.gate.held(Into(self), "notifications"))
        return QueuedNotifier(log, lambda: client, "simulated", clock, simulation.universe.meter)

    # --- functions --------------------------------------------------------------------------------------------------

    def functions(self) -> tuple[Function, Function]:
        notify = Function(Spec("notify", 30_000, 2, self.queue, 1), self._notify)
        return notify, Function(Spec("check_heartbeats", 50_000, 1), self._check)

    def _notify(self, number: int) -> Handler:
        simulation = self.simulation

        def make() -> Callable[..., Any]:
            given = simulation.outside(number)
            alerts, clock = given.repositories.alerts, given.clock
            routes = simulation.gate.held(self.people, "routes")
            tell = TellAlert(alerts, given.params, routes, STAGE, clock, given.meter)
            trials = CarryOutTrial(alerts, TryRoutes(given.params, routes, STAGE, clock), tell, clock)
            take: Callable[..., Any] = door_of("notify")(Switchboard(tell, trials))
            return simulation.blunders.noticed(take)

        hasten = QueueRedelivery(self.queue, simulation.clock, lambda: simulation.poke(self.queue))
        return sqs_handler(make, fifo=True, redelivery=lambda: simulation.gate.held(hasten, "redelivery"))

    def _check(self, number: int) -> Handler:
        def make() -> Callable[[], None]:
            given = self.simulation.outside(number)
            return self.simulation.blunders.noticed(self._heartbeats(given))

        return schedule_handler(make)

    def _heartbeats(self, given: Outside) -> CheckHeartbeats:
        gate, kept = self.simulation.gate, given.repositories
        return CheckHeartbeats(
            kept,
            given.params,
            gate.held(Depths((*self.simulation.queues.all(), self.queue)), "dead_letters"),
            gate.held(self.people, "routes"),
            EndAlerts(kept, given.notifier, given.clock),
            given.notifier,
            given.clock,
            given.meter,
        )

    # --- the course of things ---------------------------------------------------------------------------------------

    def begin(self) -> None:
        self._beat()

    def calm(self) -> None:
        self.people.troubles = 0.0

    def _beat(self) -> None:
        """What the worker tells of itself every ten seconds."""
        simulation = self.simulation
        for worker in simulation.workers:
            now_ms = simulation.clock.at_ms
            heard_ms = now_ms if worker.user_up else worker.missing_from_ms
            simulation.universe.kept.heartbeats.put(
                Heartbeat(
                    f"worker-{worker.number}", worker.epoch, now_ms, now_ms, heard_ms, now_ms, 1, 0, 0, 0, 0, 0, True
                )
            )
        simulation.loop.after(BEAT_MS, "heartbeats", self._beat)
