"""Alerts as people see them: what is open, and what was."""

from dataclasses import dataclass
from enum import StrEnum

from undertow.domain.alert import Alert
from undertow.domain.json_text import Json
from undertow.domain.runbook import entry_for
from undertow.services.views.sources import Sources


class AlertState(StrEnum):
    OPEN = "open"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Both ends included, by when an alert was last reported. Open ones are shown whenever that was."""

    from_ms: int
    to_ms: int
    limit: int
    only_open: bool = False


def alerts(sources: Sources, wanted: AlertFilter) -> dict[str, Json]:
    """Open ones first, the rest newest first. ``open`` counts them by level, whatever the limit."""
    standing = list(sources.kept.alerts.open())
    shown = standing[: wanted.limit]
    if not wanted.only_open:
        known = {(alert.key, alert.episode) for alert in standing}
        recent = sources.kept.alerts.recent(wanted.from_ms, wanted.to_ms, wanted.limit)
        shown += [alert for alert in recent if (alert.key, alert.episode) not in known]
    counts: dict[str, Json] = {}
    for alert in standing:
        counts[alert.level.value] = int(str(counts.get(alert.level.value, 0))) + 1
    return {
        "time_ms": sources.clock.now_ms(),
        "open": counts,
        "alerts": [_row(alert) for alert in shown[: wanted.limit]],
    }


def _row(alert: Alert) -> dict[str, Json]:
    entry = entry_for(alert.key)
    return {
        "key": alert.key,
        "episode": alert.episode,
        "level": alert.level.value,
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
        "told": dict[str, Json](alert.delivered.items()),
        "runbook": {"number": entry.number, "title": entry.title},
    }
