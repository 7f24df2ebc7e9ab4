"""Order endpoints (aster.md section 10)."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from local.venue.faults import Fault
from local.venue.http import Json
from local.venue.parameters import Parameters
from local.venue.rest_market import known_symbol
from local.venue.routes import Call, Route, by_symbol, route
from local.venue.trail import open_orders_at
from local.venue.wire import order_json

from undertow.adapters.paper.admission import missing
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.orders import EngineOrder, OrderRequest, Peg, SelfTrade
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.order import OrderType, TimeInForce, WorkingType

MAX_BATCH: Final = 5
MAX_CANCEL_BATCH: Final = 10


def order_request(parameters: Parameters) -> OrderRequest:
    return OrderRequest(
        symbol=parameters.symbol(),
        side=parameters.choice("side", Side, -1117, "Invalid side."),
        type=parameters.choice("type", OrderType, -1116, "Invalid orderType."),
        leg=parameters.optional_choice("positionSide", Leg, -4060, "Invalid position side."),
        time_in_force=parameters.optional_choice("timeInForce", TimeInForce, -1115, "Invalid timeInForce."),
        quantity=parameters.optional_decimal("quantity"),
        price=parameters.optional_decimal("price"),
        stop_price=parameters.optional_decimal("stopPrice"),
        reduce_only=parameters.optional_flag("reduceOnly"),
        close_position=parameters.optional_flag("closePosition") or False,
        client_order_id=parameters.optional("newClientOrderId"),
        activation_price=parameters.optional_decimal("activationPrice"),
        callback_rate=parameters.optional_decimal("callbackRate"),
        working_type=parameters.optional_choice("workingType", WorkingType, -4031, "Invalid working type.")
        or WorkingType.CONTRACT_PRICE,
        price_protect=parameters.optional_flag("priceProtect") or False,
        self_trade=parameters.optional_choice("stpMode", SelfTrade, -1130, "Data sent for 'stpMode' is not valid."),
        peg=parameters.optional_choice("pegPriceType", Peg, -1130, "Data sent for 'pegPriceType' is not valid."),
        peg_offset=parameters.optional_decimal("pegOffset"),
    )


def place(call: Call) -> Json:
    return _placed(call, call.parameters)


def _placed(call: Call, parameters: Parameters) -> Json:
    """ACK answers with the order as it came in, RESULT with what became of it where that is known at once."""
    response = parameters.optional("newOrderRespType") or "ACK"
    if response not in ("ACK", "RESULT"):
        raise ExchangeError(-1136, "Invalid newOrderRespType.")
    request = order_request(parameters)
    call.house.refresh(request.symbol)
    order = call.house.exchange.place(call.account, request, call.now_ms)
    final = request.type is OrderType.MARKET or (
        request.type is OrderType.LIMIT and request.time_in_force not in (TimeInForce.GTC, TimeInForce.HIDDEN)
    )
    shown = order_json(order, _contract(call, order), accepted=not (response == "RESULT" and final))
    if call.generation == 3:
        shown["newChainData"] = {"hash": f"0x{order.id:064x}"}
    return shown


def test(call: Call) -> Json:
    """Checks everything that an order is checked for, and leaves no trace."""
    request = order_request(call.parameters)
    call.house.refresh(request.symbol)
    call.house.exchange.check(call.account, request, call.now_ms)
    return {}


def modify(call: Call) -> Json:
    wanted = call.parameters
    symbol = known_symbol(call)
    order_id, client_id = _reference(wanted)
    quantity, price = wanted.decimal("quantity"), wanted.decimal("price")
    call.house.refresh(symbol)
    order = call.house.exchange.modify(call.account, symbol, order_id, client_id, quantity, price, call.now_ms)
    return order_json(order, _contract(call, order))


def place_batch(call: Call) -> Json:
    """Each order for itself; the answers stand in the order of the request."""
    rows = listed(call.parameters.text("batchOrders"), "batchOrders")
    if not 1 <= len(rows) <= MAX_BATCH:
        raise ExchangeError(-4082, "Invalid number of batch place orders.")
    return [_each(partial(_placed_row, call, row)) for row in rows]


def _placed_row(call: Call, row: Any) -> Json:
    return _placed(call, Parameters(texts(row)))


def batch_orders(parameters: Parameters) -> int:
    """How many orders a batch counts as."""
    return len(listed(parameters.text("batchOrders"), "batchOrders"))


def query(call: Call) -> Json:
    order = _asked(call)
    return order_json(order, _contract(call, order), queried=True)


def open_order(call: Call) -> Json:
    order = _asked(call)
    if not order.status.is_open:
        raise _no_order()
    return order_json(order, _contract(call, order), queried=True)


def open_orders(call: Call) -> Json:
    symbol = call.parameters.optional_symbol()
    if symbol is not None:
        known_symbol(call, symbol)
    shown = [order for order in _standing(call, symbol) if not _lags_behind(call, order)]
    return [order_json(order, _contract(call, order), queried=True) for order in shown]


def _standing(call: Call, symbol: Symbol | None) -> Sequence[EngineOrder]:
    """The open orders, or those of a while ago when that fault is on."""
    exchange, faults = call.house.exchange, call.house.faults
    orders = exchange.open_orders(call.account, symbol)
    lag_ms = int(faults.seconds(Fault.LISTING_LAG_S) * 1_000)
    if not lag_ms:
        return orders
    before = list(open_orders_at(exchange, call.account, symbol, call.now_ms - lag_ms))
    if before != orders:
        faults.count(Fault.LISTING_LAG_S)
    return before


def all_orders(call: Call) -> Json:
    """From ``orderId`` on, or within at most seven days by time of creation."""
    symbol, limit = known_symbol(call), call.parameters.limit(500, 1000)
    first = call.parameters.optional_integer("orderId")
    start, end = call.parameters.window(call.now_ms, 7)
    orders = [
        order
        for order in call.house.exchange.orders(call.account, symbol, call.now_ms)
        if (order.id >= first if first is not None else start <= order.created_at_ms <= end)
    ]
    forward = first is not None or call.parameters.has("startTime")
    page = orders[:limit] if forward else orders[-limit:]
    return [order_json(order, _contract(call, order), queried=True) for order in page]


def cancel(call: Call) -> Json:
    symbol = known_symbol(call)
    order = call.house.exchange.cancel(call.account, symbol, *_reference(call.parameters), call.now_ms)
    return order_json(order, _contract(call, order))


def cancel_all(call: Call) -> Json:
    """The code is a text in this one answer."""
    call.house.exchange.cancel_all(call.account, known_symbol(call), call.now_ms)
    return {"code": "200", "msg": "The operation of cancel all open order is done."}


def cancel_batch(call: Call) -> Json:
    symbol, wanted = known_symbol(call), call.parameters
    ids = listed(wanted.text("orderIdList"), "orderIdList") if wanted.has("orderIdList") else None
    if any(type(each) is not int for each in ids or ()):
        raise missing("orderIdList")
    names = wanted.text("origClientOrderIdList") if ids is None else "[]"
    references: list[tuple[int | None, str | None]] = [(each, None) for each in ids or ()]
    references += [(None, str(each)) for each in listed(names, "origClientOrderIdList")]
    if not 1 <= len(references) <= MAX_CANCEL_BATCH:
        raise ExchangeError(-4032, "Exceed maximum cancel order size.")

    def one(order_id: int | None, client_id: str | None) -> Json:
        order = call.house.exchange.cancel(call.account, symbol, order_id, client_id, call.now_ms)
        return order_json(order, _contract(call, order))

    return [_each(partial(one, *pair)) for pair in references]


def countdown(call: Call) -> Json:
    symbol, countdown_ms = known_symbol(call), call.parameters.integer("countdownTime")
    if countdown_ms < 0:
        raise ExchangeError(-1130, "Data sent for parameter 'countdownTime' is not valid.")
    call.house.exchange.set_countdown(call.account, symbol, countdown_ms, call.now_ms)
    return {"symbol": symbol, "countdownTime": str(countdown_ms)}


def _asked(call: Call) -> EngineOrder:
    symbol = known_symbol(call)
    order = call.house.exchange.order(call.account, symbol, *_reference(call.parameters), call.now_ms)
    if _lags_behind(call, order):
        raise _no_order()
    return order


def _no_order() -> ExchangeError:
    return ExchangeError(-2013, "Order does not exist.")


def _lags_behind(call: Call, order: EngineOrder) -> bool:
    """A young order that the read side does not know yet, when that fault is on."""
    faults = call.house.faults
    lagging = call.now_ms - order.created_at_ms < faults.seconds(Fault.QUERY_LAG_S) * 1000
    if lagging:
        faults.count(Fault.QUERY_LAG_S)
    return lagging


def _reference(parameters: Parameters) -> tuple[int | None, str | None]:
    return parameters.optional_integer("orderId"), parameters.optional("origClientOrderId")


def _contract(call: Call, order: EngineOrder) -> Contract:
    return call.house.exchange.floor.contract(order.symbol)


def _each(action: Callable[[], Json]) -> Json:
    """One element of a batch: an order, or why there is none."""
    try:
        return action()
    except ExchangeError as error:
        return {"code": error.code, "msg": error.message}


def listed(text: str, name: str) -> list[Any]:
    """A parameter that holds a JSON array."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        raise missing(name)
    return rows


def texts(row: Any) -> dict[str, str]:
    """The parameters of one order of a batch, all as texts."""
    if not isinstance(row, dict):
        raise missing("batchOrders")
    return {
        str(name): ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in row.items()
        if value is not None
    }


ROUTES: Final[tuple[Route, ...]] = (
    route("POST", "order", place, orders=1, takes_orders=True),
    route("POST", "order/test", test),
    route("PUT", "order", modify, orders=1, v1=None),
    route("POST", "batchOrders", place_batch, weight=5, orders=batch_orders, takes_orders=True),
    route("GET", "order", query),
    route("DELETE", "order", cancel, v3=None),
    route("DELETE", "allOpenOrders", cancel_all),
    route("DELETE", "batchOrders", cancel_batch),
    route("POST", "countdownCancelAll", countdown, weight=10),
    route("GET", "openOrder", open_order),
    route("GET", "openOrders", open_orders, weight=by_symbol(1, 40)),
    route("GET", "allOrders", all_orders, weight=5),
)
