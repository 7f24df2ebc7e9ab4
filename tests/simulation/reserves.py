"""The books that the caps rest on: totals are the sum of the slots, and whatever may still fill is reserved."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from tests.simulation.journal import Written
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.domain.booking import Reservation, ReservationState, in_use
from undertow.domain.ids import AccountId, ClientOrderId
from undertow.domain.numbers import ZERO, counted
from undertow.domain.order import Order, Purpose
from undertow.domain.position import NOTHING_RESERVED, Slot, ladder_key

Sums = tuple[Decimal, Decimal, Decimal]


@dataclass(slots=True)
class Reserves:
    universe: Universe
    _of_slot: dict[object, Sums] = field(default_factory=dict)
    _sums: defaultdict[AccountId, Sums] = field(default_factory=lambda: defaultdict(lambda: (ZERO, ZERO, ZERO)))
    _sides: defaultdict[AccountId, dict[object, int]] = field(default_factory=lambda: defaultdict(dict))
    """How many sides of a symbol are in use."""
    _used: set[object] = field(default_factory=set)
    _dirty: dict[AccountId, None] = field(default_factory=dict)
    _orders: dict[tuple[AccountId, ClientOrderId], None] = field(default_factory=dict)
    _revived: set[ClientOrderId] = field(default_factory=set)

    def note(self, written: Written) -> list[Violation]:
        match written.table:
            case "slots":
                return self._slot(written.key, written.before, written.after)
            case "totals":
                self._dirty[written.key] = None
            case "reservations":
                return _reservation(written.before, written.after)
            case "orders" if written.after.intent.purpose is Purpose.ENTRY:
                if written.before is not None and written.before.state.is_final:
                    self._revived.add(written.key)
                self._orders[written.part, written.key] = None
        return []

    def judge(self) -> list[Violation]:
        """Once the step's transactions are whole."""
        found: list[Violation] = []
        for account in self._dirty:
            found += self._totals(account)
        for account, order_id in self._orders:
            found += self._reserves(self.universe.store.orders[account][order_id])
        self._dirty.clear()
        self._orders.clear()
        return found

    def _slot(self, key: object, before: Slot | None, after: Slot) -> list[Violation]:
        account = after.account
        self._dirty[account] = None
        sums, was = _sums(after), self._of_slot.get(key, (ZERO, ZERO, ZERO))
        self._of_slot[key] = sums
        old = self._sums[account]
        self._sums[account] = (old[0] + sums[0] - was[0], old[1] + sums[1] - was[1], old[2] + sums[2] - was[2])
        self._count(key, after)
        gone = {one.client_order_id for one in before.entries} if before is not None else set()
        gone -= {one.client_order_id for one in after.entries}
        self._orders |= dict.fromkeys((account, one) for one in sorted(gone))
        return _slot_by_itself(after)

    def _count(self, key: object, slot: Slot) -> None:
        used = in_use(slot)
        if used == (key in self._used):
            return
        self._used.symmetric_difference_update({key})
        sides = self._sides[slot.account]
        sides[slot.symbol] = sides.get(slot.symbol, 0) + (1 if used else -1)

    def _totals(self, account: AccountId) -> list[Violation]:
        totals, sums = self.universe.store.totals_of(account), self._sums[account]
        found: list[Violation] = []
        told = (totals.notional, totals.margin, totals.risk)
        for name, total, total_of_slots in zip(("notional", "margin", "risk"), told, sums, strict=True):
            if total != total_of_slots:
                found.append(Violation("I2", f"{account}: total {name} is {total}, that of its slots {total_of_slots}"))
            if total < 0:
                found.append(Violation("I2", f"{account}: total {name} is {total}"))
        symbols = sum(sides > 0 for sides in self._sides[account].values())
        if totals.slots != symbols:
            found.append(Violation("I2", f"{account}: {totals.slots} symbols are counted, {symbols} are in use"))
        return found

    def _reserves(self, order: Order) -> list[Violation]:
        """An entry that may still fill keeps its reservation whatever we think of it: lost and unconfirmed ones too."""
        if order.state.is_final or order.client_order_id in self._revived:
            return []
        intent = order.intent
        slot = self.universe.store.slot(intent.account, intent.symbol, intent.position_side)
        held = slot.reserved.get(order.client_order_id, NOTHING_RESERVED)
        living = any(entry.client_order_id == order.client_order_id for entry in slot.entries)
        if not living or held.notional < intent.notional or held.risk < intent.risk:
            what = f"entry {order.client_order_id} is {order.state} and reserves {held}, not {intent.notional}"
            return [Violation("I2", what)]
        return []


def _sums(slot: Slot) -> Sums:
    held = slot.reserved.values()
    return (
        sum((counted(one.notional) for one in held), ZERO),
        sum((counted(one.margin) for one in held), ZERO),
        sum((counted(one.risk) for one in held), ZERO),
    )


def _slot_by_itself(slot: Slot) -> list[Violation]:
    found: list[Violation] = []
    layers = [(entry.strategy, entry.ladder, entry.layer) for entry in slot.entries]
    if len(layers) != len(set(layers)):
        found.append(Violation("I3", f"{slot.symbol} {slot.side}: entries live in one layer: {layers}"))
    if any(held.notional < 0 or held.margin < 0 or held.risk < 0 for held in slot.reserved.values()):
        found.append(Violation("I2", f"{slot.symbol} {slot.side} reserves less than nothing: {slot.reserved}"))
    if not in_use(slot) and slot.reserved:
        found.append(Violation("I2", f"{slot.symbol} {slot.side} is not in use and reserves {slot.reserved}"))
    ladder = slot.ladder
    if ladder is not None and ladder.frozen_at_ms is None:
        free = sum((counted(one.risk) for one in ladder.plan.layers if one.number not in ladder.orders), ZERO)
        kept = slot.reserved.get(ladder_key(ladder.plan.id), NOTHING_RESERVED).risk
        if kept != free:
            found.append(Violation("I2", f"ladder {ladder.plan.id} keeps {kept} for layers that may lose {free}"))
    return found


def _reservation(before: Reservation | None, after: Reservation) -> list[Violation]:
    released = after.state is ReservationState.RELEASED
    if before is not None and before.state is ReservationState.RELEASED and released:
        return [Violation("I2", f"the reservation of {after.order} was released twice")]
    if released and (after.notional or after.margin or after.risk):
        return [Violation("I2", f"the reservation of {after.order} was released and still takes {after.notional}")]
    return []
