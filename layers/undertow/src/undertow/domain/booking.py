"""What a change of a slot means for its account: the totals that the caps bound, and the reservations that make them.

Both stores derive the same changes here, so that totals and reservations can never tell different stories.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from undertow.domain.account import BookTotals
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import EXACT, ZERO, counted
from undertow.domain.position import Position, Slot, ladder_key


class ReservationState(StrEnum):
    """RESERVED while the order may still fill, FILLED while what it opened is held, then RELEASED."""

    RESERVED = "reserved"
    FILLED = "filled"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Reservation:
    """The record of what one entry takes of its account's caps, in quote units. Never deleted.

    ``notional``, ``margin`` and ``risk`` are what it takes now, zero once released. A time is None until its state was
    reached. A ladder has such a record too, for its unclaimed layers, under its own id.
    """

    account: AccountId
    order: ClientOrderId
    symbol: Symbol
    side: PositionSide
    notional: Decimal
    margin: Decimal
    state: ReservationState
    reserved_at_ms: int
    filled_at_ms: int | None = None
    released_at_ms: int | None = None
    risk: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class ReservationChange:
    order: ClientOrderId
    state: ReservationState
    notional: Decimal
    margin: Decimal
    risk: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class TotalsChange:
    notional: Decimal
    margin: Decimal
    slots: int
    risk: Decimal = ZERO

    def __bool__(self) -> bool:
        return bool(self.notional or self.margin or self.slots or self.risk)


def applied(totals: BookTotals, change: TotalsChange) -> BookTotals:
    """The totals after ``change``. Their version counts the changes."""
    if not change:
        return totals
    return BookTotals(
        totals.account,
        EXACT.add(totals.notional, change.notional),
        EXACT.add(totals.margin, change.margin),
        totals.slots + change.slots,
        totals.version + 1,
        EXACT.add(totals.risk, change.risk),
    )


def room(cap: Decimal, wanted: Decimal) -> Decimal:
    """The highest total under which ``wanted`` more still fits ``cap``; negative when it never does."""
    return EXACT.subtract(cap, wanted)


def totals_change(before: Slot, after: Slot, opposite_in_use: bool = False) -> TotalsChange:
    """``opposite_in_use`` tells of the other side of the symbol: while it is in use the symbol is counted already."""
    return TotalsChange(
        EXACT.subtract(_total(_notionals(after)), _total(_notionals(before))),
        EXACT.subtract(_total(_margins(after)), _total(_margins(before))),
        0 if opposite_in_use else in_use(after) - in_use(before),
        EXACT.subtract(_total(_risks(after)), _total(_risks(before))),
    )


def in_use(slot: Slot) -> bool:
    return slot.position is not None or bool(slot.entries)


def closing_time_ms(position: Position) -> int:
    return position.updated_at_ms if position.closed_at_ms is None else position.closed_at_ms


def reservation_changes(before: Slot, after: Slot) -> tuple[ReservationChange, ...]:
    """Reservations that came, moved or went, in the order of the slots' maps."""
    was, now = _reservations(before), _reservations(after)
    moved = tuple(change for order, change in now.items() if was.get(order) != change)
    gone = tuple(ReservationChange(order, ReservationState.RELEASED, ZERO, ZERO) for order in was if order not in now)
    return moved + gone


def reserved(slot: Slot, change: ReservationChange, known: Reservation | None, now_ms: int) -> Reservation:
    """The record after ``change``. A time once set stays; a late fill may take up again what had been released."""
    record = known or Reservation(
        slot.account, change.order, slot.symbol, slot.side, ZERO, ZERO, ReservationState.RESERVED, reserved_at_ms=now_ms
    )
    record = replace(record, state=change.state, notional=change.notional, margin=change.margin, risk=change.risk)
    if change.state is ReservationState.FILLED and record.filled_at_ms is None:
        return replace(record, filled_at_ms=now_ms)
    if change.state is ReservationState.RELEASED:
        return replace(record, released_at_ms=now_ms)
    return record


def _reservations(slot: Slot) -> dict[ClientOrderId, ReservationChange]:
    waiting = {entry.client_order_id for entry in slot.entries}
    if slot.ladder is not None:
        waiting.add(ladder_key(slot.ladder.plan.id))
    return {
        order: ReservationChange(
            order,
            ReservationState.RESERVED if order in waiting else ReservationState.FILLED,
            held.notional,
            held.margin,
            held.risk,
        )
        for order, held in slot.reserved.items()
    }


def _notionals(slot: Slot) -> Iterable[Decimal]:
    return (held.notional for held in slot.reserved.values())


def _margins(slot: Slot) -> Iterable[Decimal]:
    return (held.margin for held in slot.reserved.values())


def _risks(slot: Slot) -> Iterable[Decimal]:
    return (held.risk for held in slot.reserved.values())


def _total(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, counted(amount))
    return total
