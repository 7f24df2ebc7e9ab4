"""How long things took, by the times that stand in orders, fills and decisions. What no row tells is not guessed.

Our own clock and the venue's differ by a little: a fill is timed by the venue, everything else by us.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.order import Order, Purpose
from undertow.services.views.sources import Sources

MOST_ROWS: Final = 500
_SPAN_MS: Final = 24 * 3_600_000


class LatencyRow(TypedDict):
    """Of ``count`` measured ones. All are null where nothing was measured."""

    what: str
    from_to: str
    count: int
    p50_ms: int | None
    p99_ms: int | None
    max_ms: int | None


class Latencies(TypedDict):
    """``truncated``: there were more rows in the span than were read."""

    from_ms: int
    orders: int
    truncated: bool
    rows: list[LatencyRow]


def latencies(sources: Sources, accounts: Sequence[Account], now_ms: int) -> Latencies:
    """Of the last 24 hours."""
    from_ms = now_ms - _SPAN_MS
    kept = sources.kept
    orders = [one for account in accounts for one in kept.orders.recent(account.id, from_ms, now_ms, MOST_ROWS)]
    fills = [one for account in accounts for one in kept.fills.recent(account.id, from_ms, now_ms, MOST_ROWS)]
    decided = [one for account in accounts for one in kept.decisions.recent(account.id, from_ms, now_ms, MOST_ROWS)]
    return {
        "from_ms": from_ms,
        "orders": len(orders),
        "truncated": max(len(orders), len(fills), len(decided)) >= MOST_ROWS,
        "rows": [
            _row("decision", "from the liquidation to the decision on it", _to_decision(decided)),
            _row("order", "from the liquidation to its entry on the way to the venue", _to_order(decided, orders)),
            _row("answer", "from an order on its way to the venue's first word on it", _to_word(orders)),
            _row("fill", "from an order at market or an entry on its way to its first fill", _to_fill(orders, fills)),
        ],
    }


def _row(what: str, from_to: str, measured: Iterable[int]) -> LatencyRow:
    times = sorted(measured)
    return {
        "what": what,
        "from_to": from_to,
        "count": len(times),
        "p50_ms": _at(times, 50),
        "p99_ms": _at(times, 99),
        "max_ms": times[-1] if times else None,
    }


def _at(times: Sequence[int], percentile: int) -> int | None:
    """The smallest that so many percent of all do not exceed."""
    return times[-(-len(times) * percentile // 100) - 1] if times else None


def _to_decision(decided: Sequence[Decision]) -> Iterator[int]:
    return (max(0, one.decided_at_ms - one.event_time_ms) for one in decided)


def _to_order(decided: Sequence[Decision], orders: Sequence[Order]) -> Iterator[int]:
    created = {order.client_order_id: order.created_at_ms for order in orders}
    for one in decided:
        if one.client_order_id is not None and one.client_order_id in created:
            yield max(0, created[one.client_order_id] - one.event_time_ms)


def _to_word(orders: Sequence[Order]) -> Iterator[int]:
    for order in orders:
        if order.answered_at_ms is not None:
            yield max(0, order.answered_at_ms - order.created_at_ms)


def _to_fill(orders: Sequence[Order], fills: Sequence[Fill]) -> Iterator[int]:
    """Stops and targets wait for their price: how long says nothing."""
    first: dict[str, int] = {}
    for fill in fills:
        if fill.client_order_id is not None:
            first[fill.client_order_id] = min(fill.time_ms, first.get(fill.client_order_id, fill.time_ms))
    for order in orders:
        if order.client_order_id in first and order.intent.purpose in (Purpose.ENTRY, Purpose.EXIT):
            yield max(0, first[order.client_order_id] - order.created_at_ms)
