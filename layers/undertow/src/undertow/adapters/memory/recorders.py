"""Alerts and measurements kept in lists, to be read by tests, benchmarks and the seeded simulation."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from undertow.ports import AlertLevel


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
class RecordingMeter:
    counts: Counter[str] = field(default_factory=Counter)
    observations: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def count(self, name: str, value: int = 1) -> None:
        self.counts[name] += value

    def observe(self, name: str, milliseconds: int) -> None:
        self.observations[name].append(milliseconds)
