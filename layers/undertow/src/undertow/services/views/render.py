"""How figures, times and orders look in JSON."""

from decimal import Decimal
from typing import Final

from undertow.domain.json_text import Json
from undertow.domain.market import MarkPrice
from undertow.domain.numbers import HUNDRED, plain
from undertow.domain.order import Order, OrderState

STANDING: Final = frozenset({OrderState.OPEN, OrderState.PARTIALLY_FILLED})
"""States in which the venue itself said that the order stands."""

UNCERTAIN: Final = frozenset({OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST})

_CENT: Final = Decimal("0.01")


def figure(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def percent(share: Decimal) -> str:
    """A share of 1 as percent with two decimals."""
    return plain((share * HUNDRED).quantize(_CENT))


def aged(time_ms: int, now_ms: int, source: str) -> dict[str, Json]:
    """From when a value is and where it came from. Clocks differ, so an age is never below zero."""
    return {"time_ms": time_ms, "age_ms": max(0, now_ms - time_ms), "source": source}


def mark(price: MarkPrice | None, now_ms: int) -> Json:
    return None if price is None else {"price": plain(price.price), **aged(price.time_ms, now_ms, "venue REST")}


def order(order: Order, now_ms: int) -> dict[str, Json]:
    intent = order.intent
    return {
        "account": intent.account,
        "strategy": intent.strategy,
        "symbol": intent.symbol,
        "position_side": intent.position_side.value,
        "side": intent.side.value,
        "purpose": intent.purpose.value,
        "type": intent.type.value,
        "state": order.state.value,
        "confirmed": order.state in STANDING,
        "client_order_id": order.client_order_id,
        "venue_order_id": None if order.venue_order_id is None else str(order.venue_order_id),
        "price": figure(intent.price),
        "trigger_price": figure(intent.stop_price),
        "working_type": None if intent.working_type is None else intent.working_type.value,
        "time_in_force": None if intent.time_in_force is None else intent.time_in_force.value,
        "quantity": figure(intent.quantity),
        "close_position": intent.close_position,
        "filled_quantity": plain(order.filled_quantity),
        "average_price": plain(order.average_price),
        "leverage": intent.leverage,
        "margin": plain(intent.margin),
        "notional": plain(intent.notional),
        "ttl_s": intent.ttl_s,
        "layer": intent.layer,
        "created_at_ms": order.created_at_ms,
        "updated_at_ms": order.updated_at_ms,
        "age_ms": max(0, now_ms - order.created_at_ms),
        "reason": order.reason,
    }
