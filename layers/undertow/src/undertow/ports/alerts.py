"""Alerts as they are kept and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from undertow.domain.alert import Alert, AlertLevel, Repetition, RouteTrial
from undertow.ports.places import Place

DEAD_MAN: Final = "dead-man"
"""Under this name the address is kept that is called every minute for as long as all is looked at."""


class Alerts(Protocol):
    """Every episode of every condition. Nothing is ever removed."""

    def latest(self, key: str) -> Alert | None:
        """The newest episode of ``key``, open or over. Consistent."""
        ...

    def save(self, alert: Alert) -> bool:
        """Store ``alert`` if its episode is still at ``alert.version - 1``; a new one if nobody stored it yet."""
        ...

    def open(self) -> Sequence[Alert]:
        """Those that are not over, the one that was reported last first. It may lag behind by a second."""
        ...

    def recent(self, from_ms: int, to_ms: int, limit: int, after: Place | None = None) -> Sequence[Alert]:
        """Open or over, by when each was last reported, newest first."""
        ...


class RouteKind(StrEnum):
    SNS = "sns"
    TELEGRAM = "telegram"
    DISCORD = "discord"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class AlertRoute:
    """A way by which people hear of alerts of certain levels."""

    name: str
    kind: RouteKind
    levels: frozenset[AlertLevel]


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """``dead_man``: whether somebody outside AWS is told every minute that everything was looked at."""

    routes: tuple[AlertRoute, ...] = ()
    repetition: Repetition = field(default_factory=Repetition)
    dead_man: bool = False


USUAL_ALERTS: Final = AlertPolicy(
    (AlertRoute("topics", RouteKind.SNS, frozenset({AlertLevel.CRITICAL, AlertLevel.HIGH})),)
)
"""What holds where the globals say nothing, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a route tells. ``text`` is plain and complete; the other fields are for programs."""

    title: str
    text: str
    stage: str
    alert: Alert
    runbook: int


class RouteFailed(Exception):
    """A notice may not have been told. ``retry_after_s`` is how long the other side asks to be left alone."""

    def __init__(self, reason: str, retry_after_s: float = 0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class RouteRefused(Exception):
    """The other side will never take the notice: a wrong token, address or chat. The text shows no secret."""


class Routes(Protocol):
    def send(self, route: AlertRoute, notice: Notice) -> None:
        """Raises RouteFailed, after which it may be tried again, or RouteRefused."""
        ...

    def ping(self) -> None:
        """Call the dead man's address. Raises RouteFailed or RouteRefused."""
        ...


class TrialNotTaken(Exception):
    """The queue did not take a trial, or never said that it did: it may still come."""


class RouteTrials(Protocol):
    """Where a trial is handed to whoever may use the routes."""

    def ask(self, trial: RouteTrial) -> None:
        """Raises TrialNotTaken."""
        ...


class RouteSecrets(Protocol):
    """Addresses and tokens of routes, one secret each."""

    def put(self, name: str, kind: str, fields: Mapping[str, str]) -> None:
        """Raises BadDocument, which shows no value."""
        ...

    def get(self, name: str, kind: str) -> Mapping[str, str] | None:
        """None when there is none, or the one that is there is for another kind of route."""
        ...


class DeadLetters(Protocol):
    def depths(self) -> Mapping[str, int]:
        """How many given-up messages each queue holds. Raises DepthsUnknown."""
        ...


class DepthsUnknown(Exception):
    """The queues did not say how much they hold."""
