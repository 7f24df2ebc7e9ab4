"""A fill becomes truth: fill, order, position and reservation move in one transaction, once per trade id."""

import logging
from dataclasses import dataclass, replace
from decimal import Decimal

from undertow.domain.fill import Fill
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import plain
from undertow.domain.order import Order, OrderNews, Purpose
from undertow.domain.position import Position, opened_by
from undertow.ports import Clock, Ledger, LedgerEntry, Meter, Orders, WriteOutcome
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Booking:
    """What a fill did. ``excess`` is the quantity that closed more than the ledger knew to be open."""

    side: PositionSide
    duplicate: bool
    opened: bool
    closed: Position | None
    excess: Decimal


@dataclass(frozen=True, slots=True)
class BookFill:
    ledger: Ledger
    orders: Orders
    clock: Clock
    meter: Meter

    def side_of(self, fill: Fill, order: Order | None) -> PositionSide:
        """The position that a fill belongs to. One-way venues do not say: what is open there decides."""
        if fill.position_side is not None:
            return fill.position_side
        if order is not None:
            return order.intent.position_side
        grows = PositionSide.LONG if fill.side is Side.BUY else PositionSide.SHORT
        other = self.ledger.slot(fill.account, fill.symbol, grows.opposite)
        return grows.opposite if other.position is not None else grows

    def __call__(self, fill: Fill, order: Order | None, news: OrderNews | None) -> Booking:
        """Book ``fill``; ``order`` is ours if it is known, ``news`` what the venue said of it together with the fill.

        Raises LostTooManyRaces when the slot kept moving; the fill is then not booked and must be delivered again.
        """
        side = self.side_of(fill, order)
        known = order
        for _ in range(ATTEMPTS):
            entry, booking = self._entry(fill, known, news, side)
            outcome = self.ledger.write(entry)
            if outcome is WriteOutcome.WRITTEN:
                self._log(fill, known, booking)
                return booking
            if outcome is WriteOutcome.DUPLICATE_FILL:
                return Booking(side, duplicate=True, opened=False, closed=None, excess=Decimal(0))
            if known is not None:
                known = self.orders.get(fill.account, known.client_order_id) or known
        raise LostTooManyRaces(f"slot {fill.symbol} {side} changed {ATTEMPTS} times while a fill was being booked")

    def _entry(
        self, fill: Fill, order: Order | None, news: OrderNews | None, side: PositionSide
    ) -> tuple[LedgerEntry, Booking]:
        before = self.ledger.slot(fill.account, fill.symbol, side)
        merged = order.with_news(news, self.clock.now_ms()) if order is not None and news is not None else order
        position, closed, excess = _position_after(before.position, fill, order, side)
        after = replace(before, position=position) if closed is None else before.position_closed(fill.time_ms)
        if merged is not None and merged.intent.purpose is Purpose.ENTRY:
            after = after.booked(merged, fill).settled(merged)
        changed = (merged,) if merged is not None and merged is not order else ()
        opened = before.position is None and position is not None
        return LedgerEntry(before, after, changed, fill, closed), Booking(side, False, opened, closed, excess)

    def _log(self, fill: Fill, order: Order | None, booking: Booking) -> None:
        self.meter.count("fills_booked")
        logger.info(
            "fill_booked",
            extra={
                "account": fill.account,
                "symbol": fill.symbol,
                "trade_id": fill.trade_id,
                "client_order_id": order.client_order_id if order is not None else None,
                "side": fill.side.value,
                "position_side": booking.side.value,
                "price": plain(fill.price),
                "quantity": plain(fill.quantity),
                "opened": booking.opened,
                "closed": booking.closed is not None,
            },
        )
        if booking.excess:
            logger.warning(
                "fill_closed_more_than_was_known",
                extra={"symbol": fill.symbol, "trade_id": fill.trade_id, "excess": plain(booking.excess)},
            )


def _position_after(
    position: Position | None, fill: Fill, order: Order | None, side: PositionSide
) -> tuple[Position | None, Position | None, Decimal]:
    """The position after ``fill``, the closed position if it is flat now, and the quantity left over."""
    if fill.side is side.entry_side:
        if position is not None:
            return position.increased(fill), None, Decimal(0)
        strategy = order.intent.strategy if order is not None else None
        leverage = order.intent.leverage if order is not None else 1
        return opened_by(fill, side, strategy, leverage), None, Decimal(0)
    if position is None:
        return None, None, fill.quantity
    excess = max(Decimal(0), fill.quantity - position.quantity)
    reduced = position.reduced(replace(fill, quantity=fill.quantity - excess))
    if reduced.quantity > 0:
        return reduced, None, Decimal(0)
    return None, reduced, excess
