"""The ledger over the tables. A claim and a write are one transaction each, a snapshot is one request."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import number_text
from undertow.adapters.dynamo.conditions import ABSENT, Condition, Update, stored_version
from undertow.adapters.dynamo.ledger_records import (
    ClosedPositionRecord,
    ReservationRecord,
    SlotRecord,
    TotalsRecord,
)
from undertow.adapters.dynamo.records import DecisionRecord, FillRecord, OrderRecord
from undertow.adapters.dynamo.register_records import (
    BalanceRecord,
    ControlRecord,
    ReadinessRecord,
    VenueHealthRecord,
)
from undertow.adapters.dynamo.store import TRANSACTION_LIMIT, DynamoStore, Item, Step, StoreBusy
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
    ReservationChange,
    ReservationState,
    TotalsChange,
    reservation_changes,
    room,
    totals_change,
)
from undertow.domain.ids import AccountId, ClientOrderId, PositionId, Symbol
from undertow.domain.market import PositionSide, Venue
from undertow.domain.numbers import ZERO
from undertow.domain.position import Position, Slot
from undertow.ports import ClaimOutcome, Clock, EntryClaim, LedgerEntry, WriteOutcome
from undertow.risk.exposure import AccountSnapshot

logger = logging.getLogger(__name__)

_CLOSED: Final = POSITIONS.indexes[0]
_IN_USE: Final = Condition("#in_use = :true", {"#in_use": "in_use"}, {":true": {"BOOL": True}})
_RUNNING: Final = Condition("#switch = :running", {"#switch": "switch"}, {":running": {"S": Switch.RUNNING.value}})

SLOT, ORDER, DECISION, SWITCH, TOTALS, RESERVATION, FILL, CLOSED = (
    "slot",
    "order",
    "decision",
    "switch",
    "totals",
    "reservation",
    "fill",
    "closed",
)


class DynamoLedger:
    def __init__(self, store: DynamoStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def snapshot(self, account: AccountId, venue: Venue, symbol: Symbol) -> AccountSnapshot:
        control, health, long, short, totals, balance, readiness = self._store.get_together(
            (CONTROL, keys.account(account), keys.CONTROL),
            (CONTROL, keys.venue(venue), keys.HEALTH),
            (POSITIONS, account, keys.slot(symbol, PositionSide.LONG)),
            (POSITIONS, account, keys.slot(symbol, PositionSide.SHORT)),
            (POSITIONS, account, keys.TOTALS),
            (BALANCES, account, keys.LATEST),
            (CONTROL, keys.account(account), keys.readiness(symbol)),
        )
        return AccountSnapshot(
            control=ControlRecord.from_raw_data(control).to_domain() if control else never_switched(account),
            health=VenueHealthRecord.from_raw_data(health).to_domain() if health else VenueHealth(venue),
            long=_slot(long, account, symbol, PositionSide.LONG),
            short=_slot(short, account, symbol, PositionSide.SHORT),
            totals=_totals(totals, account),
            balance=BalanceRecord.from_raw_data(balance).to_domain() if balance else None,
            readiness=ReadinessRecord.from_raw_data(readiness).to_domain() if readiness else None,
        )

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        before, after, account = claim.slot_before, claim.slot_after, claim.order.intent.account
        change = totals_change(before, after)
        order, decision = OrderRecord.from_domain(claim.order), DecisionRecord.from_domain(claim.decision)
        failed = self._store.write(
            [
                self._store.checking(SWITCH, CONTROL, keys.account(account), keys.CONTROL, _RUNNING),
                self._put_slot(before, after),
                self._add_to_totals(account, change, _fits(change, claim)),
                *self._reserve(before, after),
                self._store.putting(ORDER, ORDERS, order.serialize(), ABSENT),
                self._store.putting(DECISION, DECISIONS, decision.serialize(), ABSENT),
            ]
        )
        return _claim_outcome(failed)

    def write(self, entry: LedgerEntry) -> WriteOutcome:
        steps = [*self._slot_steps(entry), *self._cause_steps(entry)]
        reservations = list(self._reserve(entry.slot_before, entry.slot_after))
        together = TRANSACTION_LIMIT - len(steps)
        failed = self._store.write([*steps, *reservations[:together]])
        if not failed:
            self._catch_up(reservations[together:])
            return WriteOutcome.WRITTEN
        return WriteOutcome.DUPLICATE_FILL if FILL in failed else WriteOutcome.CONFLICT

    def _catch_up(self, left: Sequence[Step]) -> None:
        """Rows that did not fit: a position of a hundred entries must close all the same.

        The slot and the totals, by which everything is decided, are right already; these rows tell how it came.
        """
        try:
            for start in range(0, len(left), TRANSACTION_LIMIT):
                self._store.write(left[start : start + TRANSACTION_LIMIT])
        except StoreBusy:
            logger.exception("reservations_not_recorded", extra={"rows": len(left)})

    def _slot_steps(self, entry: LedgerEntry) -> Iterator[Step]:
        before, after = entry.slot_before, entry.slot_after
        if before == after:
            key = keys.slot(before.symbol, before.side)
            yield self._store.checking(SLOT, POSITIONS, before.account, key, stored_version(before.version))
            return
        yield self._put_slot(before, after)
        # Every account has one row of totals, and transactions on one row exclude each other: touch it only if need be.
        change = totals_change(before, after)
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

    def _put_slot(self, before: Slot, after: Slot) -> Step:
        item = SlotRecord.from_domain(replace(after, version=before.version + 1)).serialize()
        return self._store.putting(SLOT, POSITIONS, item, stored_version(before.version))

    def _add_to_totals(self, account: AccountId, change: TotalsChange, condition: Condition | None = None) -> Step:
        update = Update(
            "ADD #notional :notional, #margin :margin, #slots :slots, #version :one",
            {"#notional": "notional", "#margin": "margin", "#slots": "slots", "#version": "version"},
            {
                ":notional": {"N": number_text(change.notional)},
                ":margin": {"N": number_text(change.margin)},
                ":slots": {"N": str(change.slots)},
                ":one": {"N": "1"},
            },
        )
        return self._store.updating(TOTALS, (POSITIONS, account, keys.TOTALS), update, condition)

    def _reserve(self, before: Slot, after: Slot) -> Iterator[Step]:
        """The rows move with their slot, whose version sees to it that each change happens once."""
        now_ms = self._clock.now_ms()
        for change in reservation_changes(before, after):
            update = _reservation_update(after, change, now_ms)
            yield self._store.updating(RESERVATION, (RESERVATIONS, after.account, change.order), update)

    def slot(self, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot:
        return _slot(self._store.get(POSITIONS, account, keys.slot(symbol, side)), account, symbol, side)

    def slots_in_use(self, account: AccountId) -> Sequence[Slot]:
        items = self._store.query(POSITIONS, account, prefix=keys.SLOTS, only=_IN_USE)
        return [SlotRecord.from_raw_data(item).to_domain() for item in items]

    def totals(self, account: AccountId) -> BookTotals:
        return _totals(self._store.get(POSITIONS, account, keys.TOTALS), account)

    def closed_positions(self, account: AccountId, from_ms: int, to_ms: int, limit: int) -> Sequence[Position]:
        items = self._store.query(
            POSITIONS, account, index=_CLOSED, between=keys.span(from_ms, to_ms), newest_first=True, limit=limit
        )
        return [ClosedPositionRecord.from_raw_data(item).to_domain() for item in items]

    def closed_position(self, account: AccountId, position: PositionId) -> Position | None:
        item = self._store.get(POSITIONS, account, keys.closed(position))
        return ClosedPositionRecord.from_raw_data(item).to_domain() if item else None

    def reservation(self, account: AccountId, order: ClientOrderId) -> Reservation | None:
        item = self._store.get(RESERVATIONS, account, order)
        return ReservationRecord.from_raw_data(item).to_domain() if item else None


def _slot(item: Item | None, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot:
    return SlotRecord.from_raw_data(item).to_domain() if item else Slot(account, symbol, side)


def _totals(item: Item | None, account: AccountId) -> BookTotals:
    return TotalsRecord.from_raw_data(item).to_domain() if item else BookTotals(account, ZERO, ZERO, 0)


def _fits(change: TotalsChange, claim: EntryClaim) -> Condition:
    """The totals after ``change`` stay within the caps, whatever they are by the time of the write."""
    margin, notional = room(claim.max_total_margin, change.margin), room(claim.max_total_notional, change.notional)
    within = "#margin <= :margin_room AND #notional <= :notional_room"
    names = {"#pk": "pk", "#margin": "margin", "#notional": "notional"}
    values = {":margin_room": {"N": number_text(margin)}, ":notional_room": {"N": number_text(notional)}}
    if claim.max_positions and change.slots > 0:
        within += " AND #slots < :max_slots"
        names["#slots"] = "slots"
        values[":max_slots"] = {"N": str(claim.max_positions)}
    # A missing row counts as zero, and zero does not fit a cap that the change alone exceeds.
    never_fits = margin < 0 or notional < 0
    either = f"attribute_exists(#pk) AND {within}" if never_fits else f"attribute_not_exists(#pk) OR ({within})"
    return Condition(either, names, values)


def _claim_outcome(failed: frozenset[str]) -> ClaimOutcome:
    """Conditions may fail together: a signal that was decided before stays decided, a new one hears the firmest no."""
    if ORDER in failed or DECISION in failed:
        return ClaimOutcome.ALREADY_CLAIMED
    if SWITCH in failed:
        return ClaimOutcome.PAUSED
    if TOTALS in failed:
        return ClaimOutcome.CAP_REACHED
    return ClaimOutcome.SLOT_MOVED if failed else ClaimOutcome.CLAIMED


def _reservation_update(slot: Slot, change: ReservationChange, now_ms: int) -> Update:
    sets = [
        "#symbol = :symbol",
        "#side = :side",
        "#notional = :notional",
        "#margin = :margin",
        "#state = :state",
        "#reserved_at = if_not_exists(#reserved_at, :now)",
    ]
    names = {
        "#symbol": "symbol",
        "#side": "side",
        "#notional": "notional",
        "#margin": "margin",
        "#state": "state",
        "#reserved_at": "reserved_at_ms",
    }
    if change.state is ReservationState.FILLED:
        sets.append("#filled_at = if_not_exists(#filled_at, :now)")
        names["#filled_at"] = "filled_at_ms"
    if change.state is ReservationState.RELEASED:
        sets.append("#released_at = :now")
        names["#released_at"] = "released_at_ms"
    values = {
        ":symbol": {"S": slot.symbol},
        ":side": {"S": slot.side.value},
        ":notional": {"N": number_text(change.notional)},
        ":margin": {"N": number_text(change.margin)},
        ":state": {"S": change.state.value},
        ":now": {"N": str(now_ms)},
    }
    return Update("SET " + ", ".join(sets), names, values)
