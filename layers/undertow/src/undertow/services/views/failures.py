"""What went wrong of late: alerts put together by the kind of condition, with how often each was reported."""

from collections.abc import Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.runbook import entry_for
from undertow.services.views.sources import Sources

MOST: Final = 500
_SPAN_MS: Final = 7 * 24 * 3_600_000


class RunbookEntry(TypedDict):
    number: int
    title: str


class FailureRow(TypedDict):
    """``kind`` is what the keys begin with, ``open`` counts the subjects for which it holds now."""

    kind: str
    level: str
    message: str
    open: int
    episodes: int
    reports: int
    first_ms: int
    last_ms: int
    subjects: list[str]
    runbook: RunbookEntry


class Failures(TypedDict):
    from_ms: int
    truncated: bool
    rows: list[FailureRow]


def failures(sources: Sources, now_ms: int) -> Failures:
    """Of the last seven days, and whatever is open; what holds now comes first, then the latest. An info is none."""
    from_ms = now_ms - _SPAN_MS
    recent = sources.kept.alerts.recent(from_ms, now_ms, MOST)
    known = {(alert.key, alert.episode): alert for alert in (*recent, *sources.kept.alerts.open())}
    kinds: dict[str, list[Alert]] = {}
    for alert in known.values():
        if alert.level is not AlertLevel.INFO:
            kinds.setdefault(_kind(alert.key), []).append(alert)
    rows = [_row(kind, alerts) for kind, alerts in kinds.items()]
    rows.sort(key=lambda row: (row["open"] == 0, -row["last_ms"], row["kind"]))
    return {"from_ms": from_ms, "truncated": len(recent) >= MOST, "rows": rows}


def _kind(key: str) -> str:
    """Keys name their subject after a ``#``, those of parameters after a colon."""
    return key.split("#")[0].split(":")[0]


def _row(kind: str, alerts: Sequence[Alert]) -> FailureRow:
    latest = max(alerts, key=lambda alert: alert.last_ms)
    entry = entry_for(latest.key)
    subjects = sorted({alert.key[len(kind) + 1 :] for alert in alerts} - {""})
    return {
        "kind": kind,
        "level": max((alert.level for alert in alerts), key=lambda level: level.rank).value,
        "message": latest.message,
        "open": sum(alert.is_open for alert in alerts),
        "episodes": len(alerts),
        "reports": sum(alert.count for alert in alerts),
        "first_ms": min(alert.first_ms for alert in alerts),
        "last_ms": latest.last_ms,
        "subjects": subjects,
        "runbook": {"number": entry.number, "title": entry.title},
    }
