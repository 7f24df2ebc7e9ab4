"""An alert: a condition that somebody should know of, from the first report of it until it is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

TRIAL: Final = "test#"
"""What the keys of trials begin with."""


class AlertLevel(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    INFO = "info"

    @property
    def rank(self) -> int:
        return {AlertLevel.INFO: 0, AlertLevel.HIGH: 1, AlertLevel.CRITICAL: 2}[self]


@dataclass(frozen=True, slots=True)
class Raised:
    """A report that the condition ``key`` holds."""

    key: str
    level: AlertLevel
    message: str
    facts: Mapping[str, str]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Over:
    """A report that the condition ``key`` has ended, and why."""

    key: str
    message: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class RouteTrial:
    """``by`` asked at ``at_ms`` whether the route still reaches somebody."""

    route: str
    by: str
    at_ms: int

    @property
    def key(self) -> str:
        """Of the alert by which the trial is kept."""
        return f"{TRIAL}{self.route}"


@dataclass(frozen=True, slots=True)
class Repetition:
    """After how long an alert that goes on is told again. An info is told once."""

    critical_ms: int = 5 * 60_000
    high_ms: int = 30 * 60_000

    def of(self, level: AlertLevel) -> int | None:
        return {AlertLevel.CRITICAL: self.critical_ms, AlertLevel.HIGH: self.high_ms, AlertLevel.INFO: None}[level]


@dataclass(frozen=True, slots=True)
class Alert:
    """One episode of a condition. ``level`` is the worst it had, ``message`` and ``facts`` are the latest report's.

    ``told_ms`` is when people were last due to hear of it, ``delivered`` which of these moments each route has told:
    a route that failed is behind, and is tried again. ``acknowledged_by`` has seen it: it is not told again as it is,
    only when it gets worse. Moments are epoch milliseconds, UTC.
    """

    key: str
    level: AlertLevel
    message: str
    facts: Mapping[str, str]
    first_ms: int
    last_ms: int
    told_ms: int
    episode: int = 1
    count: int = 1
    resolved_ms: int | None = None
    resolution: str = ""
    delivered: Mapping[str, int] = field(default_factory=dict)
    version: int = 1
    acknowledged_ms: int | None = None
    acknowledged_by: str = ""

    @property
    def is_open(self) -> bool:
        return self.resolved_ms is None

    @property
    def due_ms(self) -> int:
        """The moment that every route should have told: the end, else the last time it was due."""
        return self.told_ms if self.resolved_ms is None else self.resolved_ms

    def is_behind(self, route: str) -> bool:
        return self.delivered.get(route, -1) < self.due_ms

    def heard_of(self, route: str) -> bool:
        """Whether ``route`` has told this episode at all: only there its end is news."""
        return route in self.delivered

    def told_by(self, route: str, due_ms: int) -> "Alert":
        """With ``route`` having told what was due at ``due_ms``."""
        return replace(self, delivered={**self.delivered, route: due_ms}, version=self.version + 1)

    def acknowledged(self, by: str, now_ms: int) -> "Alert":
        return replace(self, acknowledged_ms=now_ms, acknowledged_by=by, version=self.version + 1)


def raised(known: Alert | None, report: Raised, repetition: Repetition) -> Alert | None:
    """The condition's alert after ``report``; None when the report is older than what is known and changes nothing.

    An alert that is open is told again after its level's time, unless somebody acknowledged it, and at once when the
    level is worse than before: what was acknowledged was less.
    """
    if known is None:
        return _episode(1, report)
    if known.resolved_ms is not None:
        return _episode(known.episode + 1, report) if report.at_ms > known.resolved_ms else None
    if report.at_ms <= known.last_ms:
        return None
    worse = report.level.rank > known.level.rank
    level = report.level if worse else known.level
    again_ms = repetition.of(level)
    seen = known.acknowledged_ms is not None
    due = worse or (not seen and again_ms is not None and report.at_ms - known.told_ms >= again_ms)
    return replace(
        known,
        level=level,
        message=report.message,
        facts=dict(report.facts),
        last_ms=report.at_ms,
        told_ms=report.at_ms if due else known.told_ms,
        acknowledged_ms=None if worse else known.acknowledged_ms,
        acknowledged_by="" if worse else known.acknowledged_by,
        count=known.count + 1,
        version=known.version + 1,
    )


def over(known: Alert | None, report: Over) -> Alert | None:
    """The condition's alert, ended; None when there is none that is open, or it was reported again since."""
    if known is None or not known.is_open or report.at_ms < known.last_ms:
        return None
    return replace(known, resolved_ms=report.at_ms, resolution=report.message, version=known.version + 1)


def _episode(number: int, report: Raised) -> Alert:
    return Alert(
        key=report.key,
        level=report.level,
        message=report.message,
        facts=dict(report.facts),
        first_ms=report.at_ms,
        last_ms=report.at_ms,
        told_ms=report.at_ms,
        episode=number,
    )
