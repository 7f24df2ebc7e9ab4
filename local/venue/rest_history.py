"""What an account did: trades, income, liquidations (aster.md section 11)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TypeVar

from local.venue.http import Json
from local.venue.rest_market import known_symbol
from local.venue.routes import Call, Route, by_symbol, route
from local.venue.wire import income_json, order_json, trade_json

from undertow.adapters.paper.accounts import IncomeType
from undertow.adapters.paper.errors import ExchangeError

T = TypeVar("T")


class AutoClose(StrEnum):
    LIQUIDATION = "LIQUIDATION"
    ADL = "ADL"


def user_trades(call: Call) -> Json:
    symbol, limit = known_symbol(call), call.parameters.limit(500, 1000)
    first = call.parameters.optional_integer("fromId")
    timed = call.parameters.has("startTime") or call.parameters.has("endTime")
    if first is not None and timed:
        raise ExchangeError(-1128, "Combination of optional parameters invalid.")
    start, end = call.parameters.window(call.now_ms, 7)
    trades = [
        trade
        for trade in call.house.exchange.trades(call.account, symbol)
        if (trade.id >= first if first is not None else start <= trade.time_ms <= end)
    ]
    forward = first is not None or call.parameters.has("startTime")
    return [trade_json(trade) for trade in _page(trades, limit, forward)]


def income(call: Call) -> Json:
    limit, asked = call.parameters.limit(100, 1000), call.parameters.optional_symbol()
    kind = call.parameters.optional_choice("incomeType", IncomeType, -1130, "Data sent for 'incomeType' is not valid.")
    timed = call.parameters.has("startTime") or call.parameters.has("endTime")
    start, end = call.parameters.window(call.now_ms, None if timed else 7)
    rows = [
        row
        for row in call.house.exchange.incomes(call.account)
        if start <= row.time_ms <= end and asked in (None, row.symbol) and kind in (None, row.type)
    ]
    return [income_json(row) for row in _page(rows, limit, call.parameters.has("startTime"))]


def force_orders(call: Call) -> Json:
    """The account's own liquidations and auto-deleveragings."""
    asked, limit = call.parameters.optional_symbol(), call.parameters.limit(50, 100)
    kind = call.parameters.optional_choice("autoCloseType", AutoClose, -1130, "Invalid autoCloseType.")
    start, end = call.parameters.window(call.now_ms, 7)
    prefix = {AutoClose.LIQUIDATION: "autoclose-", AutoClose.ADL: "adl_autoclose"}.get(kind) if kind else None
    exchange = call.house.exchange
    forced = [
        order
        for order in exchange.orders(call.account, asked, call.now_ms)
        if order.liquidates
        and start <= order.created_at_ms <= end
        and (prefix is None or order.client_order_id.startswith(prefix))
    ]
    return [order_json(order, exchange.floor.contract(order.symbol), queried=True) for order in forced[-limit:]]


def _page(rows: Sequence[T], limit: int, forward: bool) -> Sequence[T]:
    """The first rows when a beginning was asked for, else the latest."""
    return rows[:limit] if forward else rows[-limit:]


ROUTES: Final[tuple[Route, ...]] = (
    route("GET", "userTrades", user_trades, weight=5),
    route("GET", "income", income, weight=30),
    route("GET", "forceOrders", force_orders, weight=by_symbol(20, 50)),
)
