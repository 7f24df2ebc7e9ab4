"""Alerts and measurements kept in lists, to be read by tests, benchmarks and the seeded simulation."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from undertow.domain.alert import RouteTrial
from undertow.ports import DEAD_MAN, AlertLevel, AlertRoute, Notice, TrialNotTaken


@dataclass(frozen=True, slots=True)
class Alert:
    level: AlertLevel
    key: str
    message: str
    facts: Mapping[str, str]


@dataclass(slots=True)
class RecordingNotifier:
    """Keeps every alert, repeated ones too: what is repeated is itself worth asserting on."""

    alerts: list[Alert] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)

    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        self.alerts.append(Alert(level, key, message, dict(facts)))

    def resolved(self, key: str, message: str) -> None:
        self.ended.append((key, message))

    def keys(self) -> list[str]:
        return [alert.key for alert in self.alerts]


@dataclass(slots=True)
class RecordingRoutes:
    """Keeps what was told by which route. ``troubles`` are raised, one for each sending by the route of that name."""

    told: list[tuple[str, Notice]] = field(default_factory=list)
    troubles: dict[str, list[Exception]] = field(default_factory=dict)
    pings: int = 0

    def send(self, route: AlertRoute, notice: Notice) -> None:
        if self.troubles.get(route.name):
            raise self.troubles[route.name].pop(0)
        self.told.append((route.name, notice))

    def ping(self) -> None:
        if self.troubles.get(DEAD_MAN):
            raise self.troubles[DEAD_MAN].pop(0)
        self.pings += 1


@dataclass(slots=True)
class RecordingTrials:
    """Keeps what was asked for. While ``away`` it takes nothing."""

    asked: list[RouteTrial] = field(default_factory=list)
    away: bool = False

    def ask(self, trial: RouteTrial) -> None:
        if self.away:
            raise TrialNotTaken(f"{trial.route}: no answer")
        self.asked.append(trial)


@dataclass(slots=True)
class RecordingMeter:
    counts: Counter[str] = field(default_factory=Counter)
    observations: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def count(self, name: str, value: int = 1) -> None:
        self.counts[name] += value

    def observe(self, name: str, milliseconds: int) -> None:
        self.observations[name].append(milliseconds)
