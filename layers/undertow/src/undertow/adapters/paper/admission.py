"""Whether an order may be taken at all: the validation matrix of aster.md section 8, before any market is looked at."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

from undertow.adapters.paper.accounts import TradingAccount
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.filters import (
    STOP_PRICE,
    check_price,
    check_price_against_stop,
    check_quantity,
)
from undertow.adapters.paper.orders import CONDITIONAL, LIMIT_STYLE, OrderRequest
from undertow.domain.instrument import Instrument
from undertow.domain.market import Side
from undertow.domain.order import OrderType

_CLIENT_ID: Final = re.compile(r"[.A-Z:/a-z0-9_-]+", re.ASCII)
_MAX_CLIENT_ID: Final = 36
_CLOSING_TYPES: Final = frozenset({OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET})
_CALLBACK_RANGE: Final = (Decimal("0.1"), Decimal(5))

_T = TypeVar("_T")


def admit(account: TradingAccount, instrument: Instrument, request: OrderRequest) -> None:
    """Raises ExchangeError with the venue's code unless ``request`` is well formed for ``account``."""
    _check_client_id(request.client_order_id)
    _check_position_side(account, request)
    _check_parameters(request)
    if request.close_position:
        _check_close_position(request)
    _check_figures(instrument, request)


def check_position_side(hedge: bool, leg: Leg | None) -> None:
    if (hedge and leg in (None, Leg.BOTH)) or (not hedge and leg not in (None, Leg.BOTH)):
        raise ExchangeError(-4061, "Order's position side does not match user's setting.")


def missing(name: str) -> ExchangeError:
    return ExchangeError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def not_required(name: str) -> ExchangeError:
    return ExchangeError(-1106, f"Parameter '{name}' sent when not required.")


def _needed(value: _T | None, name: str) -> _T:
    if value is None:
        raise missing(name)
    return value


def _check_client_id(client_order_id: str | None) -> None:
    if client_order_id is None:
        return
    if not client_order_id or len(client_order_id) > _MAX_CLIENT_ID:
        raise ExchangeError(-4015, "Client order id length should be less than 36 chars.")
    if _CLIENT_ID.fullmatch(client_order_id) is None:
        raise ExchangeError(
            -1100,
            "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
        )


def _check_position_side(account: TradingAccount, request: OrderRequest) -> None:
    check_position_side(account.hedge, request.leg)
    if account.hedge and request.reduce_only is not None and not request.close_position:
        raise not_required("reduceonly")


def _check_parameters(request: OrderRequest) -> None:
    """Which parameters a type needs and which it must not have."""
    _PARAMETER_RULES[request.type](request)
    if request.type not in (OrderType.LIMIT, OrderType.STOP, OrderType.TAKE_PROFIT) and request.price is not None:
        raise not_required("price")
    if request.type not in CONDITIONAL and request.close_position:
        raise ExchangeError(-1106, "Parameter 'closePosition' sent when not required.")


def _check_limit(request: OrderRequest) -> None:
    _needed(request.time_in_force, "timeInForce")
    _needed(request.quantity, "quantity")
    if request.peg is None:
        _needed(request.price, "price")
    elif request.price is not None:
        raise not_required("price")
    if request.stop_price is not None:
        raise not_required("stopPrice")
    _check_peg_offset(request)


def _check_peg_offset(request: OrderRequest) -> None:
    if request.peg_offset is None:
        return
    if request.peg is None:
        raise not_required("pegOffset")
    if request.peg_offset > 0 if request.side is Side.BUY else request.peg_offset < 0:
        raise ExchangeError(-1130, "Data sent for parameter 'pegOffset' is not valid.")


def _check_market(request: OrderRequest) -> None:
    _needed(request.quantity, "quantity")
    if request.time_in_force is not None:
        raise ExchangeError(-1114, "TimeInForce parameter sent when not required.")
    if request.stop_price is not None:
        raise not_required("stopPrice")


def _check_stop_limit(request: OrderRequest) -> None:
    if request.close_position:
        raise ExchangeError(-4139, "Order type can not be used with closePosition.")
    _needed(request.quantity, "quantity")
    _needed(request.price, "price")
    _needed(request.stop_price, "stopPrice")


def _check_stop_market(request: OrderRequest) -> None:
    _needed(request.stop_price, "stopPrice")
    if not request.close_position:
        _needed(request.quantity, "quantity")


def _check_trailing(request: OrderRequest) -> None:
    if request.close_position:
        raise ExchangeError(-4139, "Order type can not be used with closePosition.")
    _needed(request.quantity, "quantity")
    rate = _needed(request.callback_rate, "callbackRate")
    lowest, highest = _CALLBACK_RANGE
    if not lowest <= rate <= highest:
        raise ExchangeError(-1130, "Data sent for parameter 'callbackRate' is not valid.")
    if request.stop_price is not None:
        raise not_required("stopPrice")


_PARAMETER_RULES: Final[dict[OrderType, Callable[[OrderRequest], None]]] = {
    OrderType.LIMIT: _check_limit,
    OrderType.MARKET: _check_market,
    OrderType.STOP: _check_stop_limit,
    OrderType.TAKE_PROFIT: _check_stop_limit,
    OrderType.STOP_MARKET: _check_stop_market,
    OrderType.TAKE_PROFIT_MARKET: _check_stop_market,
    OrderType.TRAILING_STOP_MARKET: _check_trailing,
}


def _check_close_position(request: OrderRequest) -> None:
    if request.type not in _CLOSING_TYPES:
        raise ExchangeError(-4139, "Order type can not be used with closePosition.")
    if request.quantity is not None:
        raise ExchangeError(-4137, "Quantity must be zero with closePosition equals true.")
    if request.reduce_only is False:
        raise ExchangeError(-4138, "Reduce only must be true with closePosition equals true.")
    if request.reduce_only is True:
        raise not_required("reduceonly")
    if (request.leg, request.side) in ((Leg.LONG, Side.BUY), (Leg.SHORT, Side.SELL)):
        raise ExchangeError(-4061, "Order's position side does not match user's setting.")


def _check_figures(instrument: Instrument, request: OrderRequest) -> None:
    """Filters on each number by itself."""
    if request.quantity is not None:
        check_quantity(instrument, request.quantity, at_market=request.type not in LIMIT_STYLE)
    if request.price is not None:
        check_price(instrument, request.price)
    if request.stop_price is not None:
        check_price(instrument, request.stop_price, STOP_PRICE)
    if request.activation_price is not None:
        if request.type is not OrderType.TRAILING_STOP_MARKET:
            raise not_required("activationPrice")
        if request.activation_price <= 0:
            raise ExchangeError(-4135, "Invalid activation price.")
        check_price(instrument, request.activation_price)
    if request.type is not OrderType.LIMIT and request.price is not None and request.stop_price is not None:
        check_price_against_stop(instrument, request.side, request.price, request.stop_price)
