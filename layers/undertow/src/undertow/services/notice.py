"""An alert in words: what happened, where, since when, what to do. Plain text; every time is UTC."""

from datetime import UTC, datetime
from typing import Final

from undertow.domain.alert import Alert
from undertow.domain.runbook import entry_for
from undertow.ports import Notice

LONGEST_FACT: Final = 300


def notice_of(alert: Alert, stage: str) -> Notice:
    entry = entry_for(alert.key)
    state = alert.level.value.upper() if alert.is_open else "OVER"
    title = f"[{stage}] {state}: {alert.message if alert.is_open else alert.resolution}"
    lines = [
        title,
        *([] if alert.is_open else [f"was: {alert.message}"]),
        f"where: undertow-{stage}, {alert.key}",
        *(f"{name}: {_shown(name, value)}" for name, value in alert.facts.items()),
        f"since: {moment(alert.first_ms)}{_repeated(alert)}",
        *([] if alert.resolved_ms is None else [f"over: {moment(alert.resolved_ms)}"]),
        *([f"what to do: runbook {entry.number}, {entry.title} (docs/runbook.md)"] if alert.is_open else []),
    ]
    return Notice(title, "\n".join(lines), stage, alert, entry.number)


def moment(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _repeated(alert: Alert) -> str:
    return "" if alert.count == 1 else f" ({alert.count} reports, the last at {moment(alert.last_ms)})"


def _shown(name: str, value: str) -> str:
    """Moments as people read them, and nothing so long that the rest is cut off."""
    if name in ("since_ms", "at_ms") and value.isascii() and value.isdecimal() and len(value) <= 13:
        return moment(int(value))
    return value if len(value) <= LONGEST_FACT else value[:LONGEST_FACT] + " ..."
