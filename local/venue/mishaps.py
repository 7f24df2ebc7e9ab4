"""What goes wrong with single requests: orders, cancels and reads that are refused, lost or half done."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from local.venue.faults import Fault
from local.venue.http import Delivery, Json, Response, answer, refusal
from local.venue.limits import TooMany
from local.venue.parameters import Parameters
from local.venue.routes import Call

from undertow.adapters.paper.errors import ExchangeError
from undertow.domain.market import Side

_UNKNOWN: Final = "Unknown error, please check your request or try again later."
_LATE: Final = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
_FILTERS: Final = (
    (-1111, "Precision is over the maximum defined for this asset."),
    (-4014, "Price not increased by tick size."),
    (-4023, "Quantity not increased by step size."),
    (-4164, "Order's notional must be no smaller than 50 (unless you choose reduce only)"),
)
_CONDITIONAL: Final = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")


def unknown(headers: Mapping[str, str]) -> Response:
    return refusal(503, -1006, _UNKNOWN, headers)


def timed_out(headers: Mapping[str, str]) -> Response:
    return refusal(408, -1007, _LATE, headers)


def at_the_desk(call: Call, *, signed: bool) -> None:
    """Refusals of a signed request for what it is signed with."""
    faults = call.house.faults
    if not signed:
        return
    if faults.lasts(Fault.KEY_REFUSED_S, call.now_ms):
        if call.generation == 1 and call.now_ms % 2:
            raise ExchangeError(-2014, "API-key format invalid.", 401)
        raise ExchangeError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    if faults.strikes(Fault.SIGNATURE_REFUSED):
        if call.generation == 1:
            raise ExchangeError(-1022, "Signature for this request is not valid.")
        raise ExchangeError(-1000, "Signature check failed")
    if call.generation == 3 and faults.strikes(Fault.NONCE_REFUSED):
        raise ExchangeError(-4225, "Nonce Expired")


def reading(call: Call, handler: Callable[[Call], Json], headers: Mapping[str, str]) -> Response:
    """A GET, which nothing but its answer can fail."""
    faults = call.house.faults
    if faults.strikes(Fault.READ_503):
        return unknown(headers)
    read = answer(200, handler(call), headers)
    if faults.strikes(Fault.READ_TIMEOUT):
        return replace(read, delivery=Delivery.HANG)
    if faults.strikes(Fault.READ_RESET):
        return replace(read, delivery=Delivery.RESET)
    return read


def refused_order(call: Call, headers: Mapping[str, str]) -> Response | None:
    """The answer to an order that is not taken, or None; raises where the venue gives its reason."""
    faults, wanted = call.house.faults, call.parameters
    if faults.strikes(Fault.ORDER_LIMIT):
        raise TooMany(429, -1015, "Too many new orders; current limit is 1200 orders per minute.", None)
    if faults.strikes(Fault.FILTER_REFUSED):
        raise ExchangeError(*_FILTERS[call.now_ms % len(_FILTERS)])
    if wanted.optional("type") in _CONDITIONAL:
        if faults.strikes(Fault.TRIGGER_REFUSED):
            raise ExchangeError(-2021, "Order would immediately trigger.")
        if faults.strikes(Fault.STOPS_REFUSED):
            raise ExchangeError(-4045, "Reach max stop order limit.")
    elif _opens(wanted) and faults.strikes(Fault.MARGIN_REFUSED):
        raise ExchangeError(-2019, "Margin is insufficient.")
    if faults.strikes(Fault.REFUSE_IN_200):
        return refusal(200, -2019, "Margin is insufficient.", headers)
    if faults.strikes(Fault.REFUSE_503):
        return unknown(headers)
    if faults.strikes(Fault.REFUSE_1007):
        return timed_out(headers)
    return None


def told_of_order(call: Call, taken: Response, headers: Mapping[str, str]) -> Response:
    """What becomes of the answer to an order that was taken."""
    faults = call.house.faults
    if faults.strikes(Fault.TAKE_THEN_503):
        return unknown(headers)
    if faults.strikes(Fault.TAKE_THEN_1007):
        return timed_out(headers)
    if faults.strikes(Fault.TAKE_THEN_TIMEOUT):
        return replace(taken, delivery=Delivery.HANG)
    if faults.strikes(Fault.TAKE_THEN_RESET):
        return replace(taken, delivery=Delivery.RESET)
    if faults.strikes(Fault.UNPARSABLE):
        return replace(taken, body=taken.body[: len(taken.body) // 2])
    if faults.strikes(Fault.EMPTY_ANSWER):
        return replace(taken, body=b"")
    return taken


def canceling(call: Call, handler: Callable[[Call], Json], headers: Mapping[str, str]) -> Response:
    faults = call.house.faults
    if faults.strikes(Fault.REFUSE_CANCEL_503):
        return unknown(headers)
    if faults.strikes(Fault.FILL_BEFORE_CANCEL):
        _trade_through(call)
    done = answer(200, handler(call), headers)
    if faults.strikes(Fault.CANCEL_THEN_503):
        return unknown(headers)
    if faults.strikes(Fault.CANCEL_THEN_TIMEOUT):
        return replace(done, delivery=Delivery.HANG)
    if faults.strikes(Fault.CANCEL_THEN_2011):
        raise ExchangeError(-2011, "Unknown order sent.")
    return done


def _trade_through(call: Call) -> None:
    """Somebody trades through the order that is about to be canceled, and takes all of it."""
    wanted, exchange = call.parameters, call.house.exchange
    symbol = wanted.optional_symbol()
    if symbol is None:
        return
    number, name = wanted.optional_integer("orderId"), wanted.optional("origClientOrderId")
    for order in exchange.open_orders(call.account, symbol):
        if order.is_conditional or (order.id != number and order.client_order_id != name):
            continue
        tick = exchange.floor.contract(symbol).instrument.tick_size
        beyond = order.price - tick if order.side is Side.BUY else order.price + tick
        exchange.on_print(symbol, beyond, order.remaining, order.side is Side.BUY, call.now_ms)
        return


def _opens(wanted: Parameters) -> bool:
    """Whether an order, by its own parameters, may open or grow a position."""
    if wanted.optional("reduceOnly") == "true" or wanted.optional("closePosition") == "true":
        return False
    return (wanted.optional("positionSide"), wanted.optional("side")) not in (("LONG", "SELL"), ("SHORT", "BUY"))
