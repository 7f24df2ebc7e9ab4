"""Open positions with the stop and the target that stand for them, and entries under way."""

from collections.abc import Mapping
from decimal import Decimal

from undertow.domain.account import Account
from undertow.domain.ids import AccountId, ClientOrderId
from undertow.domain.json_text import Json
from undertow.domain.market import MarkPrice
from undertow.domain.numbers import plain
from undertow.domain.order import Order, Purpose
from undertow.domain.position import Position
from undertow.services.views import render
from undertow.services.views.sources import Sources

OrdersById = Mapping[ClientOrderId, Order]


def positions(sources: Sources, only: AccountId | None) -> dict[str, Json]:
    now_ms = sources.clock.now_ms()
    rows: list[dict[str, Json]] = []
    entries: list[Json] = []
    for account in sources.accounts(only):
        held = [slot.position for slot in sources.kept.ledger.slots_in_use(account.id) if slot.position is not None]
        living = {order.client_order_id: order for order in sources.kept.orders.unfinished(account.id)}
        marks = sources.marks.of(account.venue, (position.symbol for position in held))
        rows += [_row(sources, account, position, marks.get(position.symbol), living, now_ms) for position in held]
        entries += [render.order(order, now_ms) for order in living.values() if order.intent.purpose is Purpose.ENTRY]
    rows.sort(key=lambda row: (str(row["symbol"]), str(row["side"])))
    return {
        "time_ms": now_ms,
        "positions": rows,
        "entries": entries,
        "unprotected": sum(1 for row in rows if row["unprotected_for_ms"] is not None),
    }


def _row(
    sources: Sources, account: Account, position: Position, mark: MarkPrice | None, living: OrdersById, now_ms: int
) -> dict[str, Json]:
    margin = position.notional / position.leverage
    pnl = None if mark is None else position.unrealized_pnl(mark.price)
    return {
        "account": account.id,
        "mode": account.mode.value,
        "id": position.id,
        "symbol": position.symbol,
        "side": position.side.value,
        "strategy": position.strategy,
        "external": position.is_external,
        "quantity": plain(position.quantity),
        "entry_price": plain(position.entry_price),
        "leverage": position.leverage,
        "margin": plain(margin),
        "notional": plain(position.notional),
        "mark": render.mark(mark, now_ms),
        "unrealized_pnl": render.figure(pnl),
        "unrealized_price_pct": None if pnl is None else render.percent(pnl / position.notional),
        "unrealized_roe_pct": None if pnl is None else render.percent(pnl / margin),
        "realized_pnl": plain(position.realized_pnl),
        "commission": plain(position.commission),
        "stop": _protection(sources, account, position, position.stop_order, mark, living, now_ms),
        "target": _protection(sources, account, position, position.target_order, mark, living, now_ms),
        "protected_for_ms": _since(None if position.unprotected_since_ms else position.protected_at_ms, now_ms),
        "unprotected_for_ms": _since(position.unprotected_since_ms, now_ms),
        "opened_at_ms": position.opened_at_ms,
        "updated_at_ms": position.updated_at_ms,
        "age_ms": max(0, now_ms - position.opened_at_ms),
    }


def _since(time_ms: int | None, now_ms: int) -> int | None:
    return None if time_ms is None else max(0, now_ms - time_ms)


def _protection(
    sources: Sources,
    account: Account,
    position: Position,
    order_id: ClientOrderId | None,
    mark: MarkPrice | None,
    living: OrdersById,
    now_ms: int,
) -> Json:
    """The order with what it would do, in price, in percent and in money; before fees and slippage, so an estimate."""
    order = None if order_id is None else living.get(order_id) or sources.kept.orders.get(account.id, order_id)
    if order is None or order.intent.stop_price is None:
        return None
    trigger = order.intent.stop_price
    return {
        **render.order(order, now_ms),
        "distance_from_entry_pct": render.percent(_distance(position.entry_price, trigger)),
        "distance_from_mark_pct": None if mark is None else render.percent(_distance(mark.price, trigger)),
        "pnl_at_trigger_estimate": plain(position.unrealized_pnl(trigger)),
    }


def _distance(origin: Decimal, trigger: Decimal) -> Decimal:
    return (trigger - origin) / origin
