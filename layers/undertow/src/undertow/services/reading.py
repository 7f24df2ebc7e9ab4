"""What the venue said of one account at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass

from undertow.domain.account import VenuePosition
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderNews
from undertow.domain.position import Slot
from undertow.ports import Clock, TradingVenue

Leg = tuple[Symbol, PositionSide]
"""A side of a symbol. Never a symbol alone: the two legs of a hedge are two positions and are not netted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``read_at_ms`` is our time just before the positions were asked for."""

    read_at_ms: int
    legs: Mapping[Leg, VenuePosition]
    open_orders: Mapping[ClientOrderId, OrderNews]


def read(venue: TradingVenue, clock: Clock) -> Reading:
    """Raises VenueUnreachable or VenueReadFailed: a failed read is never an empty account."""
    open_orders = {news.client_order_id: news for news in venue.fetch_open_orders()}
    read_at_ms = clock.now_ms()
    return Reading(read_at_ms, fetch_legs(venue), open_orders)


def fetch_legs(venue: TradingVenue) -> Mapping[Leg, VenuePosition]:
    return {(position.symbol, position.side): position for position in venue.fetch_positions()}


def differs(slot: Slot | None, seen: VenuePosition | None) -> bool:
    known = slot.position.quantity if slot is not None and slot.position is not None else 0
    return known != (seen.quantity if seen is not None else 0)
