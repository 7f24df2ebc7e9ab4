"""Make the ledger equal to the venue: orders, fills, positions leg by leg, protection, balance.

The venue is the truth for quantities and entry prices, the ledger for intentions. A read that failed is never an
empty account: it raises, and nothing changes.
"""

import logging
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.account import Account, VenueHealth, VenuePosition
from undertow.domain.ids import ClientOrderId, PositionId, Symbol, digest_of, is_ours
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain
from undertow.domain.order import Order, OrderNews, Purpose
from undertow.domain.outcome import VenueBlocked, VenueReadFailed
from undertow.domain.position import Position, Slot
from undertow.ports import (
    AlertLevel,
    Balances,
    Clock,
    Ledger,
    LedgerEntry,
    Meter,
    Notifier,
    Orders,
    VenueHealths,
    Venues,
    WriteOutcome,
)
from undertow.services.cancel_order import CancelOrder
from undertow.services.expire_order import is_due
from undertow.services.guard_position import GuardPosition
from undertow.services.import_fills import ImportFills
from undertow.services.protect import Protection
from undertow.services.record_order import RecordOrder
from undertow.services.resolve_unconfirmed import UNRESOLVED, ResolveUnconfirmed

logger = logging.getLogger(__name__)

GRACE_MS: Final = 5_000
"""What is younger is under way in another process: it is left alone."""
DOUBT_MS: Final = 3_000
"""A difference that no trade explains is believed when two readings at least this far apart agree on it."""
LOOKBACK_MS: Final = 3_600_000
ALARMING_OFFSET_MS: Final = 500
LARGEST_OFFSET_MS: Final = 1_000
CLOCK_BLOCK_MS: Final = 120_000
"""Two passes long, so that a wrong clock blocks without a pause for as long as it is wrong."""

Leg = tuple[Symbol, PositionSide]


@dataclass(frozen=True, slots=True)
class Report:
    """What one pass found. ``differences`` are legs that still differ after it."""

    orders_asked: int
    fills_imported: int
    adopted: int
    adjusted: int
    orphans_canceled: int
    differences: int


@dataclass(frozen=True, slots=True)
class Reconcile:
    ledger: Ledger
    orders: Orders
    balances: Balances
    healths: VenueHealths
    venues: Venues
    record: RecordOrder
    resolve: ResolveUnconfirmed
    import_fills: ImportFills
    cancel: CancelOrder
    guard: GuardPosition
    notifier: Notifier
    clock: Clock
    meter: Meter

    def __call__(self, account: Account) -> Report:
        """One pass over one account. Raises VenueUnreachable or VenueReadFailed, having concluded nothing from it.

        An order or symbol that cannot be read is left as it is and told of at the end: the others are not left waiting.

        While the venue has banned our address nothing is asked: every question would make the ban longer.
        """
        health = self.healths.get(account.venue)
        if health.blocks(self.clock.now_ms()) and not health.entries_only:
            raise VenueBlocked(health.blocked_until_ms, health.reason)
        try:
            return self._reconcile(account)
        except VenueBlocked as blocked:
            self.healths.set(VenueHealth(account.venue, blocked.until_ms, blocked.reason))
            raise

    def _reconcile(self, account: Account) -> Report:
        venue = self.venues.trading(account)
        self._watch_clock(account, venue.fetch_clock_offset_ms())
        open_orders = {news.client_order_id: news for news in venue.fetch_open_orders()}
        read_at_ms, legs = self.clock.now_ms(), self._legs(account)
        self.balances.save(venue.fetch_balance())
        unfinished = self.orders.unfinished(account.id)
        unread: dict[Symbol, VenueReadFailed] = {}
        asked = self._catch_up_orders(account, unfinished, open_orders, unread)
        imported = self._import_for_differences(account, legs, unfinished, unread)
        adopted, adjusted, differences = self._settle_differences(account, legs, read_at_ms, unread)
        orphans = self._cancel_orphans(account, open_orders)
        protections = [
            self.guard(account, slot.symbol, slot.side)
            for slot in self.ledger.slots_in_use(account.id)
            if slot.position is not None
        ]
        report = Report(asked, imported, adopted, adjusted, orphans, differences)
        # Told even when they are none: an alarm over minutes has to see that it is over.
        self.meter.count("unprotected_positions", protections.count(Protection.UNPROTECTED))
        self.meter.count("unknown_orders", sum(order.state in UNRESOLVED for order in unfinished))
        self._tell(account, report)
        if unread:
            raise VenueReadFailed("; ".join(f"{symbol}: {failure}" for symbol, failure in unread.items()))
        return report

    def _legs(self, account: Account) -> Mapping[Leg, VenuePosition]:
        return {(leg.symbol, leg.side): leg for leg in self.venues.trading(account).fetch_positions()}

    def _watch_clock(self, account: Account, offset_ms: int) -> None:
        """With clocks further apart the age of a signal means nothing: entries wait until they agree again."""
        if abs(offset_ms) <= ALARMING_OFFSET_MS:
            return
        self.notifier.alert(
            AlertLevel.HIGH,
            f"clock#{account.venue}",
            "our clock and the venue's are apart",
            {"offset_ms": str(offset_ms), "alarm_ms": str(ALARMING_OFFSET_MS)},
        )
        if abs(offset_ms) > LARGEST_OFFSET_MS:
            until_ms = self.clock.now_ms() + CLOCK_BLOCK_MS
            reason = f"our clock is {offset_ms} ms off the venue's"
            self.healths.set(VenueHealth(account.venue, until_ms, reason, entries_only=True))

    def _catch_up_orders(
        self,
        account: Account,
        unfinished: Sequence[Order],
        open_orders: Mapping[ClientOrderId, OrderNews],
        unread: dict[Symbol, VenueReadFailed],
    ) -> int:
        asked = 0
        for order in unfinished:
            news = open_orders.get(order.client_order_id)
            if news is not None:
                self.record.news(order, news)
            elif self.clock.now_ms() - order.updated_at_ms >= GRACE_MS or order.state in UNRESOLVED:
                try:
                    asked += self._ask(account, order)
                except VenueReadFailed as failure:
                    unread[order.intent.symbol] = failure
        return asked

    def _ask(self, account: Account, order: Order) -> int:
        if self.clock.now_ms() - order.created_at_ms < GRACE_MS:
            return 0
        if order.state in UNRESOLVED:
            self.resolve.ask(account, order)
            return 1
        news = self.venues.trading(account).fetch_order(order.intent.symbol, order.client_order_id)
        if news is None:
            self.notifier.alert(
                AlertLevel.HIGH,
                f"order_unknown#{order.client_order_id}",
                "the venue no longer knows an order that it had accepted",
                {"client_order_id": order.client_order_id, "symbol": order.intent.symbol},
            )
            return 1
        ended = self.record.news(order, news)
        if ended.filled_quantity > 0:
            self.import_fills(account, order.intent.symbol, order.created_at_ms)
        return 1

    def _import_for_differences(
        self,
        account: Account,
        legs: Mapping[Leg, VenuePosition],
        unfinished: Sequence[Order],
        unread: dict[Symbol, VenueReadFailed],
    ) -> int:
        imported = 0
        slots = {(slot.symbol, slot.side): slot for slot in self.ledger.slots_in_use(account.id)}
        for symbol in sorted({leg[0] for leg in slots | dict(legs) if _differs(slots.get(leg), legs.get(leg))}):
            try:
                imported += len(self.import_fills(account, symbol, self._since(symbol, slots, unfinished)))
            except VenueReadFailed as failure:
                unread[symbol] = failure
        return imported

    def _since(self, symbol: Symbol, slots: Mapping[Leg, Slot], unfinished: Sequence[Order]) -> int:
        """From when on trades may be missing: the last thing that is known for certain of the symbol."""
        moments = [slot.position.updated_at_ms for leg, slot in slots.items() if leg[0] == symbol and slot.position]
        moments += [order.created_at_ms for order in unfinished if order.intent.symbol == symbol]
        return min(moments, default=self.clock.now_ms() - LOOKBACK_MS)

    def _settle_differences(
        self, account: Account, legs: Mapping[Leg, VenuePosition], read_at_ms: int, unread: Container[Symbol]
    ) -> tuple[int, int, int]:
        """What trades did not explain: adopt what is only at the venue, doubt, then adjust, what differs.

        Where a read failed, trades may yet explain it: nothing is concluded there.
        """
        adopted = adjusted = differences = 0
        slots = {(slot.symbol, slot.side): slot for slot in self.ledger.slots_in_use(account.id)}
        for leg in sorted(slots | dict(legs)):
            slot, seen = slots.get(leg), legs.get(leg)
            if not _differs(slot, seen):
                self._stop_doubting(slot)
            elif leg[0] in unread:
                differences += 1
            elif slot is None or slot.position is None:
                adopted += self._adopt(account, leg, seen)
            elif self._believed(slot, read_at_ms):
                adjusted += self._adjust(slot, seen)
            else:
                differences += 1
        return adopted, adjusted, differences

    def _adopt(self, account: Account, leg: Leg, seen: VenuePosition | None) -> int:
        """Take over a position that nobody here knows. It may have been closed since it was seen: so it is seen again,
        after the slot was read under whose version it is written. Then no fill was booked in between."""
        slot = self.ledger.slot(account.id, *leg)
        # The fills of an entry under way come by themselves, or by the next pass.
        if seen is None or slot.position is not None or slot.entries:
            return 0
        again = self._legs(account).get(leg)
        if again is None or again.quantity != seen.quantity:
            return 0
        now_ms = self.clock.now_ms()
        position = Position(
            id=PositionId(digest_of("adopted", account.id, *leg, now_ms)),
            account=account.id,
            symbol=seen.symbol,
            side=seen.side,
            quantity=seen.quantity,
            entry_price=seen.entry_price,
            opened_at_ms=now_ms,
            updated_at_ms=now_ms,
            strategy=None,
            leverage=seen.leverage,
            max_quantity=seen.quantity,
            unprotected_since_ms=now_ms,
        )
        if self.ledger.write(LedgerEntry(slot, slot.with_position(position))) is not WriteOutcome.WRITTEN:
            return 0
        self._alert_leg(slot, "a position that this system did not open was found and is watched from now on", seen)
        return 1

    def _believed(self, slot: Slot, read_at_ms: int) -> bool:
        """What was read before the doubt arose is no second reading: a pass may be slow, and two may overlap."""
        position = slot.position
        if position is None:
            return False
        if position.questioned_at_ms is None or position.questioned_at_ms < position.updated_at_ms:
            doubted = replace(position, questioned_at_ms=self.clock.now_ms())
            self.ledger.write(LedgerEntry(slot, slot.with_position(doubted)))
            return False
        return read_at_ms - position.questioned_at_ms >= DOUBT_MS

    def _stop_doubting(self, slot: Slot | None) -> None:
        if slot is not None and slot.position is not None and slot.position.questioned_at_ms is not None:
            self.ledger.write(LedgerEntry(slot, slot.with_position(replace(slot.position, questioned_at_ms=None))))

    def _adjust(self, slot: Slot, seen: VenuePosition | None) -> int:
        position = slot.position
        if position is None:
            return 0
        now_ms = self.clock.now_ms()
        self._alert_leg(slot, "the venue's position differs and no trade explains it: the venue's was taken", seen)
        if seen is None:
            closed = replace(position, closed_at_ms=now_ms, updated_at_ms=now_ms)
            self.ledger.write(LedgerEntry(slot, slot.position_closed(now_ms), closed=closed))
        else:
            corrected = replace(
                position,
                quantity=seen.quantity,
                entry_price=seen.entry_price,
                updated_at_ms=now_ms,
                questioned_at_ms=None,
            )
            self.ledger.write(LedgerEntry(slot, slot.with_position(corrected)))
        return 1

    def _cancel_orphans(self, account: Account, open_orders: Mapping[ClientOrderId, OrderNews]) -> int:
        """Cancel orders of ours that serve nothing any more. Others' are left alone.

        Those are stops and targets of positions that are gone, entries whose time is up, and orders that were given
        up as never taken and stand at the venue after all.
        """
        canceled = 0
        for order_id in open_orders:
            order = self.orders.get(account.id, order_id) if is_ours(order_id) else None
            if order is None or not (order.state.is_final or self._is_orphan(account, order)):
                continue
            self.cancel(account, order)
            canceled += 1
        return canceled

    def _is_orphan(self, account: Account, order: Order) -> bool:
        now_ms = self.clock.now_ms()
        if order.intent.purpose is Purpose.ENTRY:
            return is_due(order, now_ms)
        if not order.intent.purpose.is_protective or now_ms - order.updated_at_ms < GRACE_MS:
            return False
        position = self.ledger.slot(account.id, order.intent.symbol, order.intent.position_side).position
        if position is None:
            return True
        current = position.stop_order if order.intent.purpose is Purpose.STOP_LOSS else position.target_order
        return current is not None and order.client_order_id != current

    def _alert_leg(self, slot: Slot, message: str, seen: VenuePosition | None) -> None:
        known = slot.position.quantity if slot.position is not None else 0
        self.notifier.alert(
            AlertLevel.HIGH,
            f"difference#{slot.account}#{slot.symbol}#{slot.side}",
            message,
            {
                "symbol": slot.symbol,
                "side": slot.side.value,
                "ledger_quantity": str(known),
                "venue_quantity": plain(seen.quantity) if seen is not None else "0",
            },
        )

    def _tell(self, account: Account, report: Report) -> None:
        self.meter.count("reconciled")
        self.meter.count("position_differences", report.differences)
        logger.info(
            "reconciled",
            extra={
                "account": account.id,
                "orders_asked": report.orders_asked,
                "fills_imported": report.fills_imported,
                "adopted": report.adopted,
                "adjusted": report.adjusted,
                "orphans_canceled": report.orphans_canceled,
                "differences": report.differences,
            },
        )


def _differs(slot: Slot | None, seen: VenuePosition | None) -> bool:
    known = slot.position.quantity if slot is not None and slot.position is not None else 0
    return known != (seen.quantity if seen is not None else 0)
