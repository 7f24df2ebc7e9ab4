"""Alerts as people see them: what is open, and what was."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.runbook import entry_for
from undertow.ports.places import Place, place_of_alert
from undertow.services.views.paging import Mark, page_of
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources


class AlertState(StrEnum):
    OPEN = "open"
    ANY = "any"


ALERTS: Final = "alerts"
_OPEN: Final = "open"
_OVER: Final = "over"
"""The two halves of the list, where other lists have an account."""


class RunbookEntry(TypedDict):
    number: int
    title: str


class AlertRow(TypedDict):
    """One condition from its first report to its end. ``told`` is when each route took it."""

    key: str
    episode: int
    level: AlertLevel
    state: Literal["open", "over"]
    message: str
    resolution: str
    facts: dict[str, str]
    first_ms: EpochMs
    last_ms: EpochMs
    resolved_ms: EpochMs | None
    count: int
    acknowledged_ms: EpochMs | None
    acknowledged_by: str
    told: dict[str, EpochMs]
    runbook: RunbookEntry


class Alerts(TypedDict):
    time_ms: EpochMs
    open: dict[str, int]
    alerts: list[AlertRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Both ends included, by when an alert was last reported. Open ones are shown whenever that was."""

    from_ms: int
    to_ms: int
    limit: int
    only_open: bool = False
    after: Mark | None = None


def alerts(sources: Sources, wanted: AlertFilter) -> Alerts:
    """Open ones first, the rest newest first. ``open`` counts them by level, whatever the page."""
    standing = sorted(sources.kept.alerts.open(), key=place_of_alert, reverse=True)
    page = page_of(chain(_open(standing, wanted), _over(sources, wanted)), wanted.limit)
    return {
        "time_ms": sources.clock.now_ms(),
        "open": dict(Counter(alert.level.value for alert in standing)),
        "alerts": [_row(alert) for alert in page.rows],
        "next_cursor": page.cursor(ALERTS),
    }


def _open(standing: Iterable[Alert], wanted: AlertFilter) -> Iterator[tuple[Mark, Alert]]:
    for alert in standing:
        mark = _mark(alert, _OPEN)
        if wanted.after is None or (wanted.after.account == _OPEN and mark < wanted.after):
            yield mark, alert


def _over(sources: Sources, wanted: AlertFilter) -> Iterator[tuple[Mark, Alert]]:
    if wanted.only_open:
        return
    after, at_once = wanted.after, wanted.limit + 1
    place = Place(after.time_ms, after.key) if after is not None and after.account == _OVER else None
    while rows := sources.kept.alerts.recent(wanted.from_ms, wanted.to_ms, at_once, place):
        yield from ((_mark(alert, _OVER), alert) for alert in rows if not alert.is_open)
        place = place_of_alert(rows[-1])
        if len(rows) < at_once:
            return


def _mark(alert: Alert, half: str) -> Mark:
    place = place_of_alert(alert)
    return Mark(place.time_ms, half, place.key)


def _row(alert: Alert) -> AlertRow:
    entry = entry_for(alert.key)
    return {
        "key": alert.key,
        "episode": alert.episode,
        "level": alert.level,
        "state": "open" if alert.is_open else "over",
        "message": alert.message,
        "resolution": alert.resolution,
        "facts": dict(alert.facts),
        "first_ms": alert.first_ms,
        "last_ms": alert.last_ms,
        "resolved_ms": alert.resolved_ms,
        "count": alert.count,
        "acknowledged_ms": alert.acknowledged_ms,
        "acknowledged_by": alert.acknowledged_by,
        "told": dict(alert.delivered),
        "runbook": {"number": entry.number, "title": entry.title},
    }
