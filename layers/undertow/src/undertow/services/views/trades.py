"""Orders with what they earned and cost, and one entry with all that belongs to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import Order, OrderState, Purpose
from undertow.domain.position import Position
from undertow.ports.places import place_of_order
from undertow.services.views import render
from undertow.services.views.paging import Listed, Mark
from undertow.services.views.render import EpochMs, Figure, OrderRow
from undertow.services.views.sources import Sources

_HOUR_MS: Final = 3_600_000
_WEEK_MS: Final = 7 * 24 * _HOUR_MS
_LOOKED_THROUGH: Final = 500


TRADES: Final = "trades"


class FillSums(TypedDict):
    """Over the order's fills; ``commission`` by asset."""

    fill_count: int
    realized_pnl: Figure
    commission: dict[str, Figure]


class TradeRow(OrderRow, FillSums):
    pass


class Trades(TypedDict):
    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    trades: list[TradeRow]
    next_cursor: str | None


class FillRow(TypedDict):
    trade_id: str
    side: Side
    price: Figure
    quantity: Figure
    notional: Figure
    commission: Figure
    commission_asset: str
    realized_pnl: Figure
    maker: bool
    time_ms: EpochMs


class TradedPosition(TypedDict):
    """The position that an order belongs to, as its fills tell it."""

    id: str
    symbol: str
    side: PositionSide
    strategy: str | None
    quantity: Figure
    max_quantity: Figure
    entry_price: Figure
    leverage: int
    realized_pnl: Figure
    commission: Figure
    opened_at_ms: EpochMs
    protected_at_ms: EpochMs | None
    closed_at_ms: EpochMs | None


class Trade(TypedDict):
    """``stop`` and ``target`` are the latest of ``protective``: all that the position ever had, newest first."""

    time_ms: EpochMs
    order: TradeRow
    fills: list[FillRow]
    position: TradedPosition | None
    stop: OrderRow | None
    target: OrderRow | None
    protective: list[OrderRow]


@dataclass(frozen=True, slots=True)
class TradeFilter:
    from_ms: int
    to_ms: int
    limit: int
    account: AccountId | None = None
    symbol: Symbol | None = None
    purpose: Purpose | None = None
    state: OrderState | None = None
    after: Mark | None = None

    def admits(self, order: Order) -> bool:
        return (
            self.symbol in (None, order.intent.symbol)
            and self.purpose in (None, order.intent.purpose)
            and self.state in (None, order.state)
        )


class UnknownOrder(Exception):
    """No account has an order of that id."""


def trades(sources: Sources, wanted: TradeFilter) -> Trades:
    """Orders by time of creation, newest first, each with the sums over its fills."""
    now_ms = sources.clock.now_ms()
    listed: Listed[Order] = Listed(
        lambda account, limit, place: sources.kept.orders.recent(
            account.id, wanted.from_ms, wanted.to_ms, limit, place
        ),
        place_of_order,
    )
    page = listed.page(sources.accounts(wanted.account), wanted.limit, wanted.after, wanted.admits)
    fills = _fills_of_all(sources, page.rows)
    return {
        "time_ms": now_ms,
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "trades": [
            {**render.order(order, now_ms), **_sums(_fills_of(order, fills[account.id, order.intent.symbol]))}
            for account, order in page.rows
        ],
        "next_cursor": page.cursor(TRADES),
    }


def _fills_of_all(
    sources: Sources, rows: Iterable[tuple[Account, Order]]
) -> Mapping[tuple[AccountId, Symbol], Sequence[Fill]]:
    """Of the symbols that filled, from the creation of the first order to the last change of any."""
    spans: dict[tuple[AccountId, Symbol], tuple[int, int]] = {}
    for account, order in rows:
        if order.filled_quantity:
            key = account.id, order.intent.symbol
            first_ms, last_ms = spans.get(key, (order.created_at_ms, order.updated_at_ms))
            spans[key] = min(first_ms, order.created_at_ms), max(last_ms, order.updated_at_ms)
    found: dict[tuple[AccountId, Symbol], Sequence[Fill]] = defaultdict(list)
    for (account_id, symbol), (first_ms, last_ms) in spans.items():
        found[account_id, symbol] = sources.kept.fills.of_symbol(
            account_id, symbol, first_ms - _HOUR_MS, last_ms + _HOUR_MS
        )
    return found


def trade(sources: Sources, order_id: str, only: AccountId | None) -> Trade:
    """An order by our id or the venue's, with its fills, its position and all stops and targets of that position.

    Raises UnknownOrder. By the venue's id only recent orders are found.
    """
    now_ms = sources.clock.now_ms()
    for account in sources.accounts(only):
        order = _find(sources, account, order_id, now_ms)
        if order is not None:
            return _detail(sources, account, order, now_ms)
    raise UnknownOrder(order_id)


def _find(sources: Sources, account: Account, order_id: str, now_ms: int) -> Order | None:
    if not order_id.isdecimal():
        return sources.kept.orders.get(account.id, ClientOrderId(order_id))
    recent = sources.kept.orders.recent(account.id, now_ms - _WEEK_MS, now_ms, _LOOKED_THROUGH)
    return next((order for order in recent if str(order.venue_order_id) == order_id), None)


def _detail(sources: Sources, account: Account, order: Order, now_ms: int) -> Trade:
    intent = order.intent
    since_ms = order.created_at_ms - _HOUR_MS
    fills = _fills_of(order, sources.kept.fills.of_symbol(account.id, intent.symbol, since_ms, now_ms))
    position = _position(sources, account, order, fills, now_ms)
    protective = [] if position is None else _protective(sources, account, position, now_ms)
    return {
        "time_ms": now_ms,
        "order": {**render.order(order, now_ms), **_sums(fills)},
        "fills": [fill_row(fill) for fill in fills],
        "position": None if position is None else _position_row(position),
        "stop": _latest(protective, Purpose.STOP_LOSS, now_ms),
        "target": _latest(protective, Purpose.TAKE_PROFIT, now_ms),
        "protective": [render.order(found, now_ms) for found in protective],
    }


def _position(sources: Sources, account: Account, order: Order, fills: Sequence[Fill], now_ms: int) -> Position | None:
    """The position that the order belongs to: the one that was open when it filled."""
    intent = order.intent
    time_ms = fills[0].time_ms if fills else order.created_at_ms
    open_now = sources.kept.ledger.slot(account.id, intent.symbol, intent.position_side).position
    closed = sources.kept.ledger.closed_positions(account.id, time_ms, now_ms, _LOOKED_THROUGH)
    for position in ([open_now] if open_now is not None else []) + list(closed):
        if (position.symbol, position.side) != (intent.symbol, intent.position_side):
            continue
        ended_ms = position.closed_at_ms if position.closed_at_ms is not None else now_ms
        if intent.position_id == position.id or (fills and position.opened_at_ms <= time_ms <= ended_ms):
            return position
    return None


def _protective(sources: Sources, account: Account, position: Position, now_ms: int) -> list[Order]:
    """Every stop and target the position ever had, newest first."""
    until_ms = position.closed_at_ms if position.closed_at_ms is not None else now_ms
    recent = sources.kept.orders.recent(account.id, position.opened_at_ms, until_ms + _HOUR_MS, _LOOKED_THROUGH)
    found = {
        order.client_order_id: order
        for order in recent
        if order.intent.position_id == position.id and order.intent.purpose.is_protective
    }
    for order_id in (position.stop_order, position.target_order):
        order = None if order_id is None or order_id in found else sources.kept.orders.get(account.id, order_id)
        if order is not None:
            found[order.client_order_id] = order
    return sorted(found.values(), key=lambda order: order.created_at_ms, reverse=True)


def _latest(orders: Iterable[Order], purpose: Purpose, now_ms: int) -> OrderRow | None:
    for order in orders:
        if order.intent.purpose is purpose:
            return render.order(order, now_ms)
    return None


def _fills_of(order: Order, fills: Iterable[Fill]) -> list[Fill]:
    """Fills from the trade history carry only the venue's id."""
    return [
        fill
        for fill in fills
        if fill.symbol == order.intent.symbol
        and (fill.client_order_id == order.client_order_id or fill.venue_order_id == order.venue_order_id)
    ]


def _sums(fills: Sequence[Fill]) -> FillSums:
    commission: Mapping[str, list[Fill]] = defaultdict(list)
    for fill in fills:
        commission[fill.commission_asset].append(fill)
    return {
        "fill_count": len(fills),
        "realized_pnl": plain(sum((fill.realized_pnl for fill in fills), ZERO)),
        "commission": {
            asset: plain(sum((fill.commission for fill in some), ZERO)) for asset, some in commission.items()
        },
    }


def fill_row(fill: Fill) -> FillRow:
    return {
        "trade_id": str(fill.trade_id),
        "side": fill.side,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "notional": plain(fill.notional),
        "commission": plain(fill.commission),
        "commission_asset": fill.commission_asset,
        "realized_pnl": plain(fill.realized_pnl),
        "maker": fill.maker,
        "time_ms": fill.time_ms,
    }


def _position_row(position: Position) -> TradedPosition:
    return {
        "id": position.id,
        "symbol": position.symbol,
        "side": position.side,
        "strategy": position.strategy,
        "quantity": plain(position.quantity),
        "max_quantity": plain(position.max_quantity),
        "entry_price": plain(position.entry_price),
        "leverage": position.leverage,
        "realized_pnl": plain(position.realized_pnl),
        "commission": plain(position.commission),
        "opened_at_ms": position.opened_at_ms,
        "protected_at_ms": position.protected_at_ms,
        "closed_at_ms": position.closed_at_ms,
    }
