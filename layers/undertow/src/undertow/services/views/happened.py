"""The last things that happened to an account, of all kinds, as one list that people read."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.decision import Decision, Outcome
from undertow.domain.fill import Fill
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import plain
from undertow.ports import AuditRow
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

LOOKED_BACK_MS: Final = 24 * 3_600_000
MOST_DECISIONS: Final = 60
"""Most decisions are refusals, which have a page of their own: so many are looked through for those that were not."""


class HappenedKind(StrEnum):
    FILL = "fill"
    DECISION = "decision"
    ALERT = "alert"
    CHANGE = "change"


class Happened(TypedDict):
    """``words`` is the event's own text: an alert's message, a decision's reason, a person's action and its subject.

    Of a fill there are side, quantity, price and what it realised. ``id`` tells it from all others.
    """

    id: str
    time_ms: EpochMs
    kind: HappenedKind
    account: str | None
    symbol: str | None
    side: Side | None
    position_side: PositionSide | None
    quantity: Figure | None
    price: Figure | None
    realized_pnl: Figure | None
    level: AlertLevel | None
    words: str
    by: str


def happened(sources: Sources, limit: int) -> list[Happened]:
    """Newest first, of all accounts, of the last day."""
    rows = list(_of_everybody(sources, limit))
    for account in sources.accounts(None):
        rows += _of_account(sources, account, limit)
    rows.sort(key=lambda row: (row["time_ms"], row["id"]), reverse=True)
    return rows[:limit]


def _of_everybody(sources: Sources, limit: int) -> Iterator[Happened]:
    now_ms = sources.clock.now_ms()
    from_ms = now_ms - LOOKED_BACK_MS
    for alert in sources.kept.alerts.recent(from_ms, now_ms, limit):
        yield _alert(alert)
    for row in sources.kept.audit.recent(from_ms, now_ms, limit):
        yield _change(row)


def _of_account(sources: Sources, account: Account, limit: int) -> Iterator[Happened]:
    now_ms = sources.clock.now_ms()
    from_ms = now_ms - LOOKED_BACK_MS
    for fill in sources.kept.fills.recent(account.id, from_ms, now_ms, limit):
        yield _fill(fill)
    for decision in sources.kept.decisions.recent(account.id, from_ms, now_ms, MOST_DECISIONS):
        if decision.outcome is not Outcome.REFUSED:
            yield _decision(decision)


_NOTHING: Final[Happened] = {
    "id": "",
    "time_ms": 0,
    "kind": HappenedKind.CHANGE,
    "account": None,
    "symbol": None,
    "side": None,
    "position_side": None,
    "quantity": None,
    "price": None,
    "realized_pnl": None,
    "level": None,
    "words": "",
    "by": "",
}


def _fill(fill: Fill) -> Happened:
    return {
        **_NOTHING,
        "id": f"fill {fill.account} {fill.symbol} {fill.trade_id}",
        "time_ms": fill.time_ms,
        "kind": HappenedKind.FILL,
        "account": fill.account,
        "symbol": fill.symbol,
        "side": fill.side,
        "position_side": fill.position_side,
        "quantity": plain(fill.quantity),
        "price": plain(fill.price),
        "realized_pnl": plain(fill.realized_pnl),
    }


def _decision(decision: Decision) -> Happened:
    return {
        **_NOTHING,
        "id": f"decision {decision.id}",
        "time_ms": decision.decided_at_ms,
        "kind": HappenedKind.DECISION,
        "account": decision.account,
        "symbol": decision.symbol,
        "position_side": decision.position_side,
        "words": decision.reason or decision.outcome.value,
        "by": decision.strategy,
    }


def _alert(alert: Alert) -> Happened:
    return {
        **_NOTHING,
        "id": f"alert {alert.key} {alert.episode} {alert.is_open}",
        "time_ms": alert.first_ms if alert.is_open or alert.resolved_ms is None else alert.resolved_ms,
        "kind": HappenedKind.ALERT,
        "level": alert.level,
        "words": alert.message if alert.is_open else f"over: {alert.resolution or alert.message}",
    }


def _change(row: AuditRow) -> Happened:
    return {
        **_NOTHING,
        "id": f"change {row.digest}",
        "time_ms": row.time_ms,
        "kind": HappenedKind.CHANGE,
        "words": f"{row.action} {row.subject}".strip(),
        "by": row.by,
    }
