"""A fill becomes truth: fill, order, position and reservation move in one transaction, once per trade id."""

import logging
from dataclasses import dataclass, replace
from decimal import Decimal

from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.fill import Fill
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import plain
from undertow.domain.order import Order, OrderNews, Purpose
from undertow.domain.position import Position, Slot, opened_by
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
        """The position that a fill belongs to. One-way venues do not say: what is open there decides.

        What closed a side that was taken to be closed by the venue's word, and is learnt of late, opens no other one.
        """
        if fill.position_side is not None:
            return fill.position_side
        if order is not None:
            return order.intent.position_side
        grows = PositionSide.LONG if fill.side is Side.BUY else PositionSide.SHORT
        other = self.ledger.slot(fill.account, fill.symbol, grows.opposite)
        if 0 < fill.time_ms <= other.counted_until_ms:
            return grows.opposite
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
        changed = (merged,) if merged is not None and merged is not order else ()
        if 0 < fill.time_ms <= before.counted_until_ms:
            after = _settled(_explained(before, fill, side), merged, fill).booked_until(fill.time_ms)
            explained = self._correction(before, fill, side, CorrectionReason.EXPLAINED, fill.quantity)
            entry = LedgerEntry(before, after, changed, fill, correction=explained)
            return entry, Booking(side, duplicate=False, opened=False, closed=None, excess=Decimal(0))
        position, closed, excess = _position_after(before.position, fill, order, side)
        after = replace(before, position=position) if closed is None else before.position_closed(fill.time_ms)
        after = _settled(after, merged, fill).booked_until(fill.time_ms)
        correction = self._correction(before, fill, side, CorrectionReason.EXCESS, excess) if excess else None
        opened = before.position is None and position is not None
        entry = LedgerEntry(before, after, changed, fill, closed, correction)
        return entry, Booking(side, False, opened, closed, excess)

    def _correction(
        self, before: Slot, fill: Fill, side: PositionSide, reason: CorrectionReason, unmoved: Decimal
    ) -> Correction:
        """``unmoved`` of the fill did not move the position: the row that keeps the sum of fills equal to it."""
        position = before.position
        held = position.quantity if position is not None and reason is CorrectionReason.EXPLAINED else Decimal(0)
        opens = fill.side is side.entry_side
        return Correction(
            account=fill.account,
            symbol=fill.symbol,
            side=side,
            number=fill.trade_id,
            time_ms=self.clock.now_ms(),
            reason=reason,
            before=held + unmoved if opens else held - unmoved,
            after=held,
            position=position.id if position is not None else None,
            trade_id=fill.trade_id,
        )

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


def _explained(slot: Slot, fill: Fill, side: PositionSide) -> Slot:
    """The quantity was taken from a reading of the venue that knew of this trade: the trade only explains it.

    One from before a position of ours was opened is of the one before, which the venue's word has closed: what it
    earned is not the next one's. An adopted position is opened when it is found, after the trades that it came from.
    """
    position = slot.position
    if position is None or (not position.is_external and fill.time_ms < position.opened_at_ms):
        return slot
    moved = fill.quantity if fill.side is side.entry_side else -fill.quantity
    left = position.unexplained - moved
    return slot.with_position(
        replace(
            position,
            realized_pnl=position.realized_pnl + fill.realized_pnl,
            commission=position.commission + fill.fee,
            # Never past zero: a trade may explain what was adopted, which nobody holds to be unexplained.
            unexplained=max(Decimal(0), min(left, position.unexplained))
            if position.unexplained > 0
            else min(Decimal(0), max(left, position.unexplained)),
        )
    )


def _settled(slot: Slot, order: Order | None, fill: Fill) -> Slot:
    """``slot`` with what a fill of an entry means for its reservation."""
    if order is None or order.intent.purpose is not Purpose.ENTRY:
        return slot
    living = any(entry.client_order_id == order.client_order_id for entry in slot.entries)
    if slot.position is None and not living:
        return slot  # nothing is held for it, so nothing is reserved for it
    return slot.booked(order, fill).settled(order)


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
