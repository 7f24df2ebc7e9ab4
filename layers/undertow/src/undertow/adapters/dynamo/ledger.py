"""The ledger over the tables. A claim and a write are one transaction each, a snapshot is one request."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.conditions import ABSENT, Condition, stored_version
from undertow.adapters.dynamo.correction_records import CorrectionRecord
from undertow.adapters.dynamo.guard_records import GuardRecord
from undertow.adapters.dynamo.ledger_expressions import IN_USE, NOT_IN_USE, added, fits, reservation_update
from undertow.adapters.dynamo.ledger_records import (
    ClosedPositionRecord,
    ReservationRecord,
    SlotRecord,
    TotalsRecord,
)
from undertow.adapters.dynamo.newest import Newest
from undertow.adapters.dynamo.records import DecisionRecord, FillRecord, OrderRecord
from undertow.adapters.dynamo.register_records import (
    BalanceRecord,
    ControlRecord,
    ReadinessRecord,
    VenueHealthRecord,
)
from undertow.adapters.dynamo.store import TRANSACTION_LIMIT, DynamoStore, Item, Step
from undertow.adapters.dynamo.tables import (
    BALANCES,
    CONTROL,
    DECISIONS,
    FILLS,
    ORDERS,
    POSITIONS,
    RESERVATIONS,
)
from undertow.domain.account import BookTotals, Switch, VenueHealth, never_switched
from undertow.domain.booking import (
    Reservation,
    TotalsChange,
    in_use,
    reservation_changes,
    totals_change,
)
from undertow.domain.correction import Correction
from undertow.domain.ids import AccountId, ClientOrderId, PositionId, Symbol
from undertow.domain.market import PositionSide, Venue
from undertow.domain.numbers import ZERO
from undertow.domain.position import Position, Slot
from undertow.ports import ClaimOutcome, Clock, EntryClaim, LedgerEntry, StoreBusy, WriteOutcome
from undertow.ports.places import Place, place_of_closed, place_of_correction
from undertow.risk.exposure import AccountSnapshot

logger = logging.getLogger(__name__)

_CLOSED: Final = POSITIONS.indexes[0]
_RUNNING: Final = Condition("#switch = :running", {"#switch": "switch"}, {":running": {"S": Switch.RUNNING.value}})

SLOT, OPPOSITE, ORDER, DECISION, SWITCH, TOTALS, RESERVATION, FILL, CLOSED, CORRECTION = (
    "slot",
    "opposite",
    "order",
    "decision",
    "switch",
    "totals",
    "reservation",
    "fill",
    "closed",
    "correction",
)


class DynamoLedger:
    def __init__(self, store: DynamoStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def snapshot(self, account: AccountId, venue: Venue, symbol: Symbol) -> AccountSnapshot:
        control, health, long, short, totals, balance, readiness, guard = self._store.get_together(
            (CONTROL, keys.account(account), keys.CONTROL),
            (CONTROL, keys.venue(venue), keys.HEALTH),
            (POSITIONS, account, keys.slot(symbol, PositionSide.LONG)),
            (POSITIONS, account, keys.slot(symbol, PositionSide.SHORT)),
            (POSITIONS, account, keys.TOTALS),
            (BALANCES, account, keys.LATEST),
            (CONTROL, keys.account(account), keys.readiness(symbol)),
            (CONTROL, keys.account(account), keys.GUARD),
        )
        return AccountSnapshot(
            control=ControlRecord.from_raw_data(control).to_domain() if control else never_switched(account),
            health=VenueHealthRecord.from_raw_data(health).to_domain() if health else VenueHealth(venue),
            long=_slot(long, account, symbol, PositionSide.LONG),
            short=_slot(short, account, symbol, PositionSide.SHORT),
            totals=_totals(totals, account),
            balance=BalanceRecord.from_raw_data(balance).to_domain() if balance else None,
            readiness=ReadinessRecord.from_raw_data(readiness).to_domain() if readiness else None,
            guard=GuardRecord.from_raw_data(guard).to_domain() if guard else None,
        )

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        before, after, account = claim.slot_before, claim.slot_after, claim.order.intent.account
        change = totals_change(before, after, claim.opposite_in_use)
        order, decision = OrderRecord.from_domain(claim.order), DecisionRecord.from_domain(claim.decision)
        failed = self._store.write(
            [
                self._store.checking(SWITCH, CONTROL, keys.account(account), keys.CONTROL, _RUNNING),
                self._put_slot(before, after),
                *self._opposite(before, after, claim.opposite_in_use),
                self._add_to_totals(account, change, fits(change, claim)),
                *self._reserve(before, after),
                self._store.putting(ORDER, ORDERS, order.serialize(), ABSENT),
                self._store.putting(DECISION, DECISIONS, decision.serialize(), ABSENT),
            ]
        )
        return _claim_outcome(failed)

    def write(self, entry: LedgerEntry) -> WriteOutcome:
        """Whether the other side of the symbol is in use is found out by trying, which costs no read.

        One side only is what most positions have, and a condition that does not hold writes nothing.
        """
        failed = self._write(entry, opposite_in_use=False)
        if failed == {OPPOSITE}:
            failed = self._write(entry, opposite_in_use=True)
        if FILL in failed:
            return WriteOutcome.DUPLICATE_FILL
        return WriteOutcome.CONFLICT if failed else WriteOutcome.WRITTEN

    def _write(self, entry: LedgerEntry, *, opposite_in_use: bool) -> frozenset[str]:
        steps = [*self._slot_steps(entry, opposite_in_use), *self._cause_steps(entry)]
        reservations = list(self._reserve(entry.slot_before, entry.slot_after))
        together = TRANSACTION_LIMIT - len(steps)
        failed = self._store.write([*steps, *reservations[:together]])
        if not failed:
            self._catch_up(reservations[together:])
        return failed

    def _catch_up(self, left: Sequence[Step]) -> None:
        """Rows that did not fit: a position of a hundred entries must close all the same.

        The slot and the totals, by which everything is decided, are right already; these rows tell how it came.
        """
        try:
            for start in range(0, len(left), TRANSACTION_LIMIT):
                self._store.write(left[start : start + TRANSACTION_LIMIT])
        except StoreBusy:
            logger.exception("reservations_not_recorded", extra={"rows": len(left)})

    def _slot_steps(self, entry: LedgerEntry, opposite_in_use: bool) -> Iterator[Step]:
        before, after = entry.slot_before, entry.slot_after
        if before == after:
            key = keys.slot(before.symbol, before.side)
            yield self._store.checking(SLOT, POSITIONS, before.account, key, stored_version(before.version))
            return
        yield self._put_slot(before, after)
        yield from self._opposite(before, after, opposite_in_use)
        # Every account has one row of totals, and transactions on one row exclude each other: touch it only if need be.
        change = totals_change(before, after, opposite_in_use)
        if change:
            yield self._add_to_totals(before.account, change)

    def _cause_steps(self, entry: LedgerEntry) -> Iterator[Step]:
        for order in entry.orders:
            item = OrderRecord.from_domain(order).serialize()
            yield self._store.putting(ORDER, ORDERS, item, stored_version(order.version - 1))
        if entry.fill is not None:
            yield self._store.putting(FILL, FILLS, FillRecord.from_domain(entry.fill).serialize(), ABSENT)
        if entry.closed is not None:
            item = ClosedPositionRecord.from_domain(entry.closed).serialize()
            yield self._store.putting(CLOSED, POSITIONS, item, ABSENT)
        if entry.correction is not None:
            item = CorrectionRecord.from_domain(entry.correction).serialize()
            yield self._store.putting(CORRECTION, POSITIONS, item, ABSENT)

    def _put_slot(self, before: Slot, after: Slot) -> Step:
        item = SlotRecord.from_domain(replace(after, version=before.version + 1)).serialize()
        return self._store.putting(SLOT, POSITIONS, item, stored_version(before.version))

    def _opposite(self, before: Slot, after: Slot, seen_in_use: bool) -> Iterator[Step]:
        """Which of a symbol's two sides counts it hangs on the other one, which must be as it was taken to be."""
        if in_use(after) != in_use(before):
            condition = IN_USE if seen_in_use else NOT_IN_USE
            key = keys.slot(before.symbol, before.side.opposite)
            yield self._store.checking(OPPOSITE, POSITIONS, before.account, key, condition)

    def _add_to_totals(self, account: AccountId, change: TotalsChange, condition: Condition | None = None) -> Step:
        return self._store.updating(TOTALS, (POSITIONS, account, keys.TOTALS), added(change), condition)

    def _reserve(self, before: Slot, after: Slot) -> Iterator[Step]:
        """The rows move with their slot, whose version sees to it that each change happens once."""
        now_ms = self._clock.now_ms()
        for change in reservation_changes(before, after):
            update = reservation_update(after, change, now_ms)
            yield self._store.updating(RESERVATION, (RESERVATIONS, after.account, change.order), update)

    def slot(self, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot:
        return _slot(self._store.get(POSITIONS, account, keys.slot(symbol, side)), account, symbol, side)

    def slots_in_use(self, account: AccountId) -> Sequence[Slot]:
        items = self._store.query(POSITIONS, account, prefix=keys.SLOTS, only=IN_USE)
        return [SlotRecord.from_raw_data(item).to_domain() for item in items]

    def totals(self, account: AccountId) -> BookTotals:
        return _totals(self._store.get(POSITIONS, account, keys.TOTALS), account)

    def closed_positions(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Position]:
        listed = Newest(self._store, POSITIONS, _CLOSED)
        return listed.rows(account, (from_ms, to_ms), limit, after, _closed, place_of_closed)

    def closed_position(self, account: AccountId, position: PositionId) -> Position | None:
        item = self._store.get(POSITIONS, account, keys.closed(position))
        return ClosedPositionRecord.from_raw_data(item).to_domain() if item else None

    def corrections(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Correction]:
        listed = Newest(self._store, POSITIONS, prefix=keys.CORRECTIONS)
        return listed.rows(account, (from_ms, to_ms), limit, after, _correction, place_of_correction)

    def reservation(self, account: AccountId, order: ClientOrderId) -> Reservation | None:
        item = self._store.get(RESERVATIONS, account, order)
        return ReservationRecord.from_raw_data(item).to_domain() if item else None


def _closed(item: Item) -> Position:
    return ClosedPositionRecord.from_raw_data(item).to_domain()


def _correction(item: Item) -> Correction:
    return CorrectionRecord.from_raw_data(item).to_domain()


def _slot(item: Item | None, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot:
    return SlotRecord.from_raw_data(item).to_domain() if item else Slot(account, symbol, side)


def _totals(item: Item | None, account: AccountId) -> BookTotals:
    return TotalsRecord.from_raw_data(item).to_domain() if item else BookTotals(account, ZERO, ZERO, 0)


def _claim_outcome(failed: frozenset[str]) -> ClaimOutcome:
    """Conditions may fail together: a signal that was decided before stays decided, a new one hears the firmest no."""
    if ORDER in failed or DECISION in failed:
        return ClaimOutcome.ALREADY_CLAIMED
    if SWITCH in failed:
        return ClaimOutcome.PAUSED
    if TOTALS in failed:
        return ClaimOutcome.CAP_REACHED
    return ClaimOutcome.SLOT_MOVED if failed else ClaimOutcome.CLAIMED
