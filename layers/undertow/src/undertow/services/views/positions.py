"""Open positions with the stop and the target that stand for them, and entries under way."""

from collections.abc import Mapping
from decimal import Decimal

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.adl import AdlRanks
from undertow.domain.ids import AccountId, ClientOrderId
from undertow.domain.market import MarkPrice, PositionSide
from undertow.domain.numbers import plain
from undertow.domain.order import Order, Purpose
from undertow.domain.position import Position, Slot
from undertow.services.views import render
from undertow.services.views.book import Book, read_book
from undertow.services.views.held_funding import read_funding
from undertow.services.views.ladders import LadderRow, ladder_row
from undertow.services.views.render import EpochMs, Figure, MarkRow, OrderRow
from undertow.services.views.risk import LiquidationPrice, liquidation_row, of_equity
from undertow.services.views.sources import Sources


class ProtectionRow(OrderRow):
    """A stop or a target with what it would do; before fees and slippage, so an estimate."""

    distance_from_entry_pct: Figure
    distance_from_mark_pct: Figure | None
    pnl_at_trigger_estimate: Figure


class HeldRow(TypedDict):
    """Times without a stop and since there is one are null where they do not apply."""

    account: str
    mode: Mode
    id: str
    symbol: str
    side: PositionSide
    strategy: str | None
    external: bool
    quantity: Figure
    entry_price: Figure
    leverage: int
    margin: Figure
    notional: Figure
    mark: MarkRow | None
    unrealized_pnl: Figure | None
    unrealized_price_pct: Figure | None
    unrealized_roe_pct: Figure | None
    realized_pnl: Figure
    unexplained_quantity: Figure
    commission: Figure
    stop: ProtectionRow | None
    target: ProtectionRow | None
    protected_for_ms: int | None
    unprotected_for_ms: int | None
    opened_at_ms: EpochMs
    updated_at_ms: EpochMs
    age_ms: int


class AtRisk(TypedDict):
    """Filled is what the position loses at its stop, reserved what its slot holds; in quote units and of equity."""

    filled_risk: Figure
    reserved_risk: Figure
    filledRiskPercentage: Figure | None
    reservedRiskPercentage: Figure | None
    risk_flag: str
    liquidation: LiquidationPrice


class AdlRow(TypedDict):
    """How early the venue would close the position to cover others' losses: ``rank`` 0 (last) to 4 (first in line).

    Null is not known: not asked yet, the answer is too old, or ``reason`` says why there is none.
    """

    rank: int | None
    asked_ms: EpochMs | None
    reason: str


class PositionRow(HeldRow, AtRisk):
    """``funding_paid`` is of the symbol since the position was opened, below zero when it was paid; null until the
    venue's books were imported once. The venue does not tell the two sides of a symbol apart.
    """

    funding_paid: Figure | None
    ladder: LadderRow | None
    adl: AdlRow


class Positions(TypedDict):
    """``entries`` are entries under way. ``unprotected`` counts positions without a stop at the venue."""

    time_ms: EpochMs
    positions: list[PositionRow]
    entries: list[OrderRow]
    unprotected: int


OrdersById = Mapping[ClientOrderId, Order]


def positions(sources: Sources, only: AccountId | None) -> Positions:
    now_ms = sources.clock.now_ms()
    rows: list[PositionRow] = []
    entries: list[OrderRow] = []
    for account in sources.accounts(only):
        book = read_book(sources, account)
        funding = read_funding(sources, book)
        ranks = sources.kept.adl_rankings.get(account.id)
        for slot in book.slots:
            if slot.position is not None:
                row = _row(sources, account, slot.position, book.marks.get(slot.symbol), book.orders, now_ms)
                rows.append(
                    {
                        **row,
                        **_at_risk(book, slot, slot.position),
                        "funding_paid": funding.of(slot.position),
                        "ladder": ladder_row(sources, slot),
                        "adl": _adl(ranks, slot.position, now_ms),
                    }
                )
        living = book.orders.values()
        entries += [render.order(order, now_ms) for order in living if order.intent.purpose is Purpose.ENTRY]
    rows.sort(key=lambda row: (row["symbol"], row["side"]))
    return {
        "time_ms": now_ms,
        "positions": rows,
        "entries": entries,
        "unprotected": sum(1 for row in rows if row["unprotected_for_ms"] is not None),
    }


def _row(
    sources: Sources, account: Account, position: Position, mark: MarkPrice | None, living: OrdersById, now_ms: int
) -> HeldRow:
    margin = position.notional / position.leverage
    pnl = None if mark is None else position.unrealized_pnl(mark.price)
    return {
        "account": account.id,
        "mode": account.mode,
        "id": position.id,
        "symbol": position.symbol,
        "side": position.side,
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
        "unexplained_quantity": plain(position.unexplained),
        "commission": plain(position.commission),
        "stop": _protection(sources, account, position, position.stop_order, mark, living, now_ms),
        "target": _protection(sources, account, position, position.target_order, mark, living, now_ms),
        "protected_for_ms": _since(None if position.unprotected_since_ms else position.protected_at_ms, now_ms),
        "unprotected_for_ms": _since(position.unprotected_since_ms, now_ms),
        "opened_at_ms": position.opened_at_ms,
        "updated_at_ms": position.updated_at_ms,
        "age_ms": max(0, now_ms - position.opened_at_ms),
    }


def _at_risk(book: Book, slot: Slot, position: Position) -> AtRisk:
    """What the position risks by what has filled, and what it holds in reserve, in quote units and of equity."""
    filled, reserved = book.filled_risk_of(position), slot.reserved_risk
    return {
        "filled_risk": plain(filled),
        "reserved_risk": plain(reserved),
        "filledRiskPercentage": of_equity(filled, book.equity),
        "reservedRiskPercentage": of_equity(reserved, book.equity),
        "risk_flag": position.risk_flag,
        "liquidation": liquidation_row(book, position),
    }


def _adl(ranks: AdlRanks, position: Position, now_ms: int) -> AdlRow:
    return {
        "rank": ranks.rank_of(position.symbol, position.side, now_ms),
        "asked_ms": ranks.asked_at_ms or None,
        "reason": ranks.failure,
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
) -> ProtectionRow | None:
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
