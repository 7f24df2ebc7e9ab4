"""Strategies, chases, market-maker protection, noop and guarded cancels: all of V3 only (aster.md section 10)."""

from decimal import Decimal
from typing import Any, Final

from local.venue.http import Json
from local.venue.parameters import Parameters
from local.venue.rest_market import known_symbol
from local.venue.rest_orders import cancel, listed, order_request, texts
from local.venue.routes import ACK, Call, Route, route
from local.venue.wire import order_json

from undertow.adapters.paper.accounts import ASSET
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.market_maker_protection import Protection
from undertow.adapters.paper.orders import OrderRequest
from undertow.adapters.paper.strategy import Chase, Drive, DrivenOn, Strategy, StrategyType, SubOrder, Trigger
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.domain.order import OrderType, TimeInForce

_MAX_CLIENT_STRATEGY_ID: Final = 28


def place_strategy(call: Call) -> Json:
    kind, subs = _strategy_type(call.parameters), _sub_orders(call.parameters)
    for sub in subs:
        call.house.refresh(sub.request.symbol)
    desk = call.house.exchange.strategies
    strategy = desk.place(call.account, kind, call.parameters.optional("clientStrategyId"), subs, call.now_ms)
    return _strategy_json(call, strategy)


def strategy_size(parameters: Parameters) -> int:
    """How many orders a strategy counts as."""
    return len(listed(parameters.text("subOrderList"), "subOrderList"))


def update_strategy(call: Call) -> Json:
    """One result per sub-order: the order, or why it could not be changed."""
    strategy = _found(call)
    results: list[Json] = []
    for wanted in _sub_orders(call.parameters):
        sub = next((each for each in strategy.subs if each.id == wanted.id), None)
        if sub is None:
            results.append({"strategySubId": wanted.id, "code": -4020, "msg": "Target strategy invalid."})
            continue
        try:
            call.house.exchange.strategies.update(strategy, sub, wanted.request, call.now_ms)
            results.append(_sub_json(call, sub))
        except ExchangeError as refusal:
            results.append({"strategySubId": wanted.id, "code": refusal.code, "msg": refusal.message})
    return results


def strategy_open(call: Call) -> Json:
    strategy = _found(call)
    return [_strategy_json(call, strategy)] if strategy.is_open else []


def strategy_history(call: Call) -> Json:
    strategy = _found(call)
    start, end = call.parameters.window(call.now_ms, 90)
    return [_strategy_json(call, strategy)] if start <= strategy.created_at_ms <= end else []


def chase(call: Call) -> Json:
    wanted, symbol = call.parameters, known_symbol(call)
    call.house.refresh(symbol)
    side = wanted.choice("side", Side, -1117, "Invalid side.")
    name = wanted.optional("clientStrategyId")
    if name is not None and len(name) > _MAX_CLIENT_STRATEGY_ID:
        raise ExchangeError(-4015, "Client strategy id length should be less than 28 chars.")
    best, _ = call.house.exchange.floor.book(symbol).quote.best(side)
    request = OrderRequest(
        symbol=symbol,
        side=side,
        type=OrderType.LIMIT,
        leg=wanted.optional_choice("positionSide", Leg, -4060, "Invalid position side."),
        time_in_force=TimeInForce.GTX,
        quantity=_chased_quantity(call, symbol, best),
        reduce_only=wanted.optional_flag("reduceOnly"),
    )
    strategy = call.house.exchange.strategies.chase(call.account, name, request, _chase(wanted, best), call.now_ms)
    return _strategy_json(call, strategy)


def _chased_quantity(call: Call, symbol: Symbol, best: Decimal) -> Decimal:
    """``quantityUnit`` tells whether the quantity is in base or in quote units."""
    unit, quantity = call.parameters.text("quantityUnit"), call.parameters.decimal("quantity")
    if unit not in ("BASE", "QUOTE"):
        raise ExchangeError(-1130, "Data sent for parameter 'quantityUnit' is not valid.")
    instrument = call.house.exchange.floor.contract(symbol).instrument
    return quantity if unit == "BASE" else instrument.quantity_below(quantity / best)


def _chase(wanted: Parameters, best: Decimal) -> Chase:
    offset, furthest = wanted.optional_decimal("chaseOffset"), wanted.optional_decimal("maxChaseOffset")
    if (offset is not None and offset < 0) or (furthest is not None and furthest <= 0):
        raise ExchangeError(-1130, "Data sent for parameter 'chaseOffset' is not valid.")
    in_percent = wanted.optional("maxChaseOffsetType") == "PERCENTAGE"
    if furthest is not None and in_percent:
        furthest = best * furthest / HUNDRED
    return Chase(offset or ZERO, furthest, best)


def cancel_order_or_strategy(call: Call) -> Json:
    """DELETE order knows strategies by their ids as well."""
    order_id, name = call.parameters.optional_integer("orderId"), call.parameters.optional("origClientOrderId")
    desk = call.house.exchange.strategies
    strategy = desk.find(call.account, order_id, name) if order_id is not None or name is not None else None
    if strategy is None:
        return cancel(call)
    desk.cancel(strategy, call.now_ms)
    return _strategy_json(call, strategy)


def noop(_: Call) -> Json:
    """The nonce is what matters: it is spent, and what was queued under it was withdrawn at the door."""
    return ACK


def guarded_cancel(call: Call) -> Json:
    """Withdraws only what still waits in the queue; its nonce says which, and the door has done it."""
    known_symbol(call)
    if not call.house.queue.was_withdrawn(call.account, call.parameters.integer("nonce")):
        raise ExchangeError(-2011, "Unknown order sent.")
    return ACK


def set_protection(call: Call) -> Json:
    symbol, wanted = known_symbol(call), call.parameters
    window_ms, frozen_ms = wanted.integer("windowTimeInMilliseconds"), wanted.integer("frozenTimeInMilliseconds")
    if window_ms <= 0 or frozen_ms < 0:
        raise ExchangeError(-1130, "Data sent for parameter 'windowTimeInMilliseconds' is not valid.")
    protection = Protection(
        account=call.account,
        symbol=symbol,
        window_ms=window_ms,
        frozen_ms=frozen_ms,
        quantity_limit=wanted.optional_decimal("qtyLimit"),
        value_limit=wanted.optional_decimal("valueLimit"),
        delta_limit=wanted.optional_decimal("deltaLimit"),
        counts_from_ms=call.now_ms,
    )
    call.house.exchange.protections.all[call.account, symbol] = protection
    return _protection_json(protection)


def protections(call: Call) -> Json:
    asked = call.parameters.optional_symbol()
    found = call.house.exchange.protections.all.values()
    return [_protection_json(each) for each in found if each.account == call.account and asked in (None, each.symbol)]


def delete_protection(call: Call) -> Json:
    call.house.exchange.protections.all.pop((_protection(call).account, call.parameters.symbol()))
    return ACK


def reset_protection(call: Call) -> Json:
    call.house.exchange.protections.reset(_protection(call), call.now_ms)
    return ACK


def _protection(call: Call) -> Protection:
    found = call.house.exchange.protections.all.get((call.account, known_symbol(call)))
    if found is None:
        raise ExchangeError(-1130, "There is no market maker protection on this symbol.")
    return found


def _protection_json(each: Protection) -> Json:
    limits = {"qtyLimit": each.quantity_limit, "valueLimit": each.value_limit, "deltaLimit": each.delta_limit}
    return {
        "symbol": each.symbol,
        "windowTimeInMilliseconds": each.window_ms,
        "frozenTimeInMilliseconds": each.frozen_ms,
        **{name: "0" if limit is None else plain(limit) for name, limit in limits.items()},
        "frozen": each.frozen_until_ms is not None,
    }


def _strategy_type(parameters: Parameters) -> StrategyType:
    return parameters.choice("strategyType", StrategyType, -4020, "Target strategy invalid.")


def _found(call: Call) -> Strategy:
    """By strategyId or clientStrategyId, exactly one of them."""
    strategy_id, name = call.parameters.optional_integer("strategyId"), call.parameters.optional("clientStrategyId")
    if (strategy_id is None) is (name is None):
        raise ExchangeError(-1128, "Combination of optional parameters invalid.")
    strategy = call.house.exchange.strategies.find(call.account, strategy_id, name)
    if strategy is None or strategy.type is not _strategy_type(call.parameters):
        raise ExchangeError(-2013, "Order does not exist.")
    return strategy


def _sub_orders(parameters: Parameters) -> list[SubOrder]:
    rows = listed(parameters.text("subOrderList"), "subOrderList")
    return [_sub_order(texts(row)) for row in rows]


def _sub_order(row: dict[str, str]) -> SubOrder:
    if "clientOrderId" in row:
        row["newClientOrderId"] = row.pop("clientOrderId")
    if row.get("type") in ("LIMIT", "STOP", "TAKE_PROFIT"):
        row.setdefault("timeInForce", TimeInForce.GTC.value)
    parameters = Parameters(row)
    if parameters.text("securityType") != f"{ASSET}_FUTURES":
        raise ExchangeError(-4020, "Target strategy invalid.")
    drives = tuple(_drive(parameters, which) for which in ("first", "second") if parameters.has(f"{which}DrivenId"))
    return SubOrder(parameters.text("strategySubId"), order_request(parameters), drives)


def _drive(parameters: Parameters, which: str) -> Drive:
    on = parameters.choice(f"{which}DrivenOn", DrivenOn, -4020, "Target strategy invalid.")
    trigger = parameters.choice(f"{which}Trigger", Trigger, -4020, "Target strategy invalid.")
    return Drive(parameters.text(f"{which}DrivenId"), on, trigger)


def _strategy_json(call: Call, strategy: Strategy) -> Json:
    return {
        "strategyId": strategy.id,
        "clientStrategyId": strategy.client_id,
        "strategyType": strategy.type.value,
        "strategyStatus": strategy.status.value,
        "bookTime": strategy.created_at_ms,
        "updateTime": strategy.updated_at_ms,
        "subOrders": [_sub_json(call, sub) for sub in strategy.subs],
    }


def _sub_json(call: Call, sub: SubOrder) -> Json:
    """The order of a sub-order, once there is one; before that what is waited for."""
    shown: dict[str, Any] = {"strategySubId": sub.id, "symbol": sub.request.symbol}
    if sub.order_id is not None:
        floor = call.house.exchange.floor
        order = floor.orders.all[sub.order_id]
        return {**shown, **order_json(order, floor.contract(order.symbol), queried=True)}
    waiting = "WAITING" if sub.waits else "CANCELED" if sub.dropped == 0 else "REJECTED"
    return {**shown, "side": sub.request.side.value, "type": sub.request.type.value, "status": waiting}


ROUTES: Final[tuple[Route, ...]] = (
    route("POST", "chase", chase, orders=1, v1=None),
    route("POST", "placeStrategyOrder", place_strategy, weight=50, orders=strategy_size, v1=None),
    route("POST", "updateStrategyOrder", update_strategy, weight=50, orders=strategy_size, v1=None),
    route("GET", "strategyOpenOrder", strategy_open, weight=5, v1=None),
    route("GET", "strategyHistoryOrder", strategy_history, weight=5, v1=None),
    route("POST", "noop", noop, v1=None),
    route("POST", "mmp", set_protection, v1=None),
    route("GET", "mmp", protections, v1=None),
    route("DELETE", "mmp", delete_protection, v1=None),
    route("POST", "mmpReset", reset_protection, v1=None),
    route("DELETE", "order", cancel_order_or_strategy, v1=None),
    route("DELETE", "guardedCancelOrder", guarded_cancel, v1=None),
    route("DELETE", "guardedBatchOrders", guarded_cancel, v1=None),
)
