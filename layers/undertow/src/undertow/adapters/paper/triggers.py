"""When a conditional order triggers. ``price`` is the last price or the mark, as the order's working type says."""

from decimal import Decimal

from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.market import Side
from undertow.domain.numbers import HUNDRED, ONE
from undertow.domain.order import OrderType

_STOPS = frozenset({OrderType.STOP, OrderType.STOP_MARKET})


def stop_is_met(order_type: OrderType, side: Side, stop_price: Decimal, price: Decimal) -> bool:
    """A stop waits for the price to run away from its side, a take-profit for it to come."""
    rising = (side is Side.BUY) is (order_type in _STOPS)
    return price >= stop_price if rising else price <= stop_price


def activation_is_passed(side: Side, activation_price: Decimal, price: Decimal) -> bool:
    """A trailing BUY waits for the price to fall to its activation first, a SELL for it to rise."""
    return price <= activation_price if side is Side.BUY else price >= activation_price


def is_met(order: EngineOrder, price: Decimal) -> bool:
    """Whether ``order`` triggers at ``price``. A trailing order also notes the price."""
    if order.type is OrderType.TRAILING_STOP_MARKET:
        return _follow(order, price)
    return stop_is_met(order.type, order.side, order.stop_price, price)


def _follow(order: EngineOrder, price: Decimal) -> bool:
    seen = order.extreme if order.extreme is not None else price
    order.extreme = min(seen, price) if order.side is Side.BUY else max(seen, price)
    activation, rate = order.activation_price, order.callback_rate
    if activation is None or rate is None or not activation_is_passed(order.side, activation, order.extreme):
        return False
    if order.side is Side.BUY:
        return price >= order.extreme * (ONE + rate / HUNDRED)
    return price <= order.extreme * (ONE - rate / HUNDRED)
