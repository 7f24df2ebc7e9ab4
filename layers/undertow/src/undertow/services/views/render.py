"""How figures, times and orders look in JSON."""

from decimal import Decimal
from typing import Final

from typing_extensions import TypeAliasType, TypedDict

from undertow.domain.market import MarkPrice, PositionSide, Side
from undertow.domain.numbers import HUNDRED, plain
from undertow.domain.order import Order, OrderState, OrderType, Purpose, TimeInForce, WorkingType

Figure = TypeAliasType("Figure", str)
"""An exact decimal number as text."""
EpochMs = TypeAliasType("EpochMs", int)
"""A moment: milliseconds since 1970, UTC."""

STANDING: Final = frozenset({OrderState.OPEN, OrderState.PARTIALLY_FILLED})
"""States in which the venue itself said that the order stands."""

UNCERTAIN: Final = frozenset({OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST})

_CENT: Final = Decimal("0.01")


class Aged(TypedDict):
    """From when a value is, how old it was when it was told, and where it came from."""

    time_ms: EpochMs
    age_ms: int
    source: str


class MarkRow(Aged):
    price: Figure


class OrderRow(TypedDict):
    """``confirmed`` is whether the venue itself said that the order stands.

    ``answered_at_ms`` is when its first word on the order came; null where there is none, or it was not kept.
    """

    account: str
    strategy: str | None
    symbol: str
    position_side: PositionSide
    side: Side
    purpose: Purpose
    type: OrderType
    state: OrderState
    confirmed: bool
    client_order_id: str
    venue_order_id: str | None
    price: Figure | None
    trigger_price: Figure | None
    working_type: WorkingType | None
    time_in_force: TimeInForce | None
    quantity: Figure | None
    close_position: bool
    filled_quantity: Figure
    average_price: Figure
    leverage: int
    margin: Figure
    notional: Figure
    ttl_s: int | None
    layer: int | None
    created_at_ms: EpochMs
    updated_at_ms: EpochMs
    answered_at_ms: EpochMs | None
    age_ms: int
    reason: str


def figure(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def percent(share: Decimal) -> str:
    """A share of 1 as percent with two decimals."""
    return plain((share * HUNDRED).quantize(_CENT))


def aged(time_ms: int, now_ms: int, source: str) -> Aged:
    """From when a value is and where it came from. Clocks differ, so an age is never below zero."""
    return {"time_ms": time_ms, "age_ms": max(0, now_ms - time_ms), "source": source}


def mark(price: MarkPrice | None, now_ms: int) -> MarkRow | None:
    return None if price is None else {"price": plain(price.price), **aged(price.time_ms, now_ms, "venue REST")}


def order(order: Order, now_ms: int) -> OrderRow:
    intent = order.intent
    return {
        "account": intent.account,
        "strategy": intent.strategy,
        "symbol": intent.symbol,
        "position_side": intent.position_side,
        "side": intent.side,
        "purpose": intent.purpose,
        "type": intent.type,
        "state": order.state,
        "confirmed": order.state in STANDING,
        "client_order_id": order.client_order_id,
        "venue_order_id": None if order.venue_order_id is None else str(order.venue_order_id),
        "price": figure(intent.price),
        "trigger_price": figure(intent.stop_price),
        "working_type": intent.working_type,
        "time_in_force": intent.time_in_force,
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
        "answered_at_ms": order.answered_at_ms,
        "age_ms": max(0, now_ms - order.created_at_ms),
        "reason": order.reason,
    }
