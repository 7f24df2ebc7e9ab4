"""The ledger in memory: the same conditions and the same all-or-nothing as the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.account import BookTotals
from undertow.domain.booking import (
    Reservation,
    TotalsChange,
    applied,
    closing_time_ms,
    in_use,
    reservation_changes,
    reserved,
    room,
    totals_change,
)
from undertow.domain.correction import Correction
from undertow.domain.ids import AccountId, ClientOrderId, PositionId, Symbol
from undertow.domain.market import PositionSide, Venue
from undertow.domain.position import Position, Slot
from undertow.ports import ClaimOutcome, Clock, EntryClaim, LedgerEntry, WriteOutcome
from undertow.ports.places import Place, beyond, place_of_closed, place_of_correction
from undertow.risk.exposure import AccountSnapshot


@dataclass(frozen=True, slots=True)
class MemoryLedger:
    store: MemoryStore
    clock: Clock

    def snapshot(self, account: AccountId, venue: Venue, symbol: Symbol) -> AccountSnapshot:
        store = self.store
        with store.lock:
            return AccountSnapshot(
                control=store.control(account),
                health=store.health(venue),
                long=store.slot(account, symbol, PositionSide.LONG),
                short=store.slot(account, symbol, PositionSide.SHORT),
                totals=store.totals_of(account),
                balance=store.balances.get(account),
                readiness=store.readinesses[account].get(symbol),
                guard=store.guards.get(account),
            )

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        change = totals_change(claim.slot_before, claim.slot_after, claim.opposite_in_use)
        with self.store.lock:
            refused = self._refused(claim, change)
            if refused is not None:
                return refused
            self._put_slot(claim.slot_before, claim.slot_after, change)
            self.store.put_order(claim.order)
            self.store.decisions[claim.decision.account][claim.decision.id] = claim.decision
            return ClaimOutcome.CLAIMED

    def _refused(self, claim: EntryClaim, change: TotalsChange) -> ClaimOutcome | None:
        store, account = self.store, claim.order.intent.account
        if claim.order.client_order_id in store.orders[account]:
            return ClaimOutcome.ALREADY_CLAIMED
        if claim.decision.id in store.decisions[claim.decision.account]:
            return ClaimOutcome.ALREADY_CLAIMED
        if not store.control(account).admits_entries:
            return ClaimOutcome.PAUSED
        totals = store.totals_of(account)
        if totals.margin > room(claim.max_total_margin, change.margin):
            return ClaimOutcome.CAP_REACHED
        if totals.notional > room(claim.max_total_notional, change.notional):
            return ClaimOutcome.CAP_REACHED
        if change.risk > 0 and totals.risk > room(claim.max_total_risk, change.risk):
            return ClaimOutcome.CAP_REACHED
        if claim.max_positions and change.slots > 0 and totals.slots >= claim.max_positions:
            return ClaimOutcome.CAP_REACHED
        if not self._is_current(claim.slot_before):
            return ClaimOutcome.SLOT_MOVED
        # Which of a symbol's two sides counts it hangs on the other one.
        starts_or_ends = in_use(claim.slot_after) != in_use(claim.slot_before)
        if starts_or_ends and store.opposite_in_use(claim.slot_before) != claim.opposite_in_use:
            return ClaimOutcome.SLOT_MOVED
        return None

    def write(self, entry: LedgerEntry) -> WriteOutcome:
        account = entry.slot_before.account
        with self.store.lock:
            opposite_in_use = self.store.opposite_in_use(entry.slot_before)
            change = totals_change(entry.slot_before, entry.slot_after, opposite_in_use)
            fills, closed = self.store.fills[account], self.store.closed[account]
            if entry.fill is not None and (entry.fill.symbol, entry.fill.trade_id) in fills:
                return WriteOutcome.DUPLICATE_FILL
            if not self._is_current(entry.slot_before) or (entry.closed is not None and entry.closed.id in closed):
                return WriteOutcome.CONFLICT
            for order in entry.orders:
                if self.store.order_version(order.intent.account, order.client_order_id) != order.version - 1:
                    return WriteOutcome.CONFLICT
            if entry.slot_after != entry.slot_before:
                self._put_slot(entry.slot_before, entry.slot_after, change)
            for order in entry.orders:
                self.store.put_order(order)
            if entry.fill is not None:
                fills[entry.fill.symbol, entry.fill.trade_id] = entry.fill
            if entry.closed is not None:
                closed[entry.closed.id] = entry.closed
            if entry.correction is not None:
                self.store.corrections[account].append(entry.correction)
            return WriteOutcome.WRITTEN

    def _is_current(self, before: Slot) -> bool:
        return self.store.slot(before.account, before.symbol, before.side).version == before.version

    def _put_slot(self, before: Slot, after: Slot, change: TotalsChange) -> None:
        store, account = self.store, before.account
        store.slots[account, before.symbol, before.side] = replace(after, version=before.version + 1)
        if change:  # like the tables: a row of totals is written when it changes
            store.totals[account] = applied(store.totals_of(account), change)
        now_ms = self.clock.now_ms()
        for moved in reservation_changes(before, after):
            known = store.reservations.get((account, moved.order))
            store.reservations[account, moved.order] = reserved(after, moved, known, now_ms)

    def slot(self, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot:
        with self.store.lock:
            return self.store.slot(account, symbol, side)

    def slots_in_use(self, account: AccountId) -> Sequence[Slot]:
        with self.store.lock:
            return [slot for slot in self.store.slots.values() if slot.account == account and in_use(slot)]

    def totals(self, account: AccountId) -> BookTotals:
        with self.store.lock:
            return self.store.totals_of(account)

    def closed_positions(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Position]:
        with self.store.lock:
            closed = list(self.store.closed[account].values())
        within = [position for position in closed if from_ms <= closing_time_ms(position) <= to_ms]
        return beyond(sorted(within, key=place_of_closed, reverse=True), place_of_closed, after, limit)

    def closed_position(self, account: AccountId, position: PositionId) -> Position | None:
        with self.store.lock:
            return self.store.closed[account].get(position)

    def corrections(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Correction]:
        with self.store.lock:
            within = [one for one in self.store.corrections[account] if from_ms <= one.time_ms <= to_ms]
        return beyond(sorted(within, key=place_of_correction, reverse=True), place_of_correction, after, limit)

    def reservation(self, account: AccountId, order: ClientOrderId) -> Reservation | None:
        with self.store.lock:
            return self.store.reservations.get((account, order))
