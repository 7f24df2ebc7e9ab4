"""Make the ledger equal to the venue: orders, fills, positions leg by leg, protection, balance.

The venue is the truth for quantities and entry prices, the ledger for intentions. A read that failed is never an
empty account: it raises, and nothing changes.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account, VenueHealth, VenuePosition
from undertow.domain.ids import ClientOrderId, Symbol, is_ours
from undertow.domain.order import Order, OrderNews, Purpose
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.domain.position import Slot
from undertow.ports import (
    AlertLevel,
    Balances,
    Clock,
    Ledger,
    Meter,
    Notifier,
    Orders,
    StoreBusy,
    VenueHealths,
    Venues,
)
from undertow.services.cancel_order import CancelOrder
from undertow.services.check_liquidation_prices import CheckLiquidationPrices
from undertow.services.expire_order import is_due
from undertow.services.guard_position import GuardPosition
from undertow.services.import_fills import ImportFills
from undertow.services.protect import Protection
from undertow.services.record_order import LostTooManyRaces, RecordOrder
from undertow.services.resolve_unconfirmed import UNRESOLVED, ResolveUnconfirmed
from undertow.services.settle_differences import Leg, SettleDifferences, differs

logger = logging.getLogger(__name__)

GRACE_MS: Final = 5_000
"""What is younger is under way in another process: it is left alone."""
LOOKBACK_MS: Final = 3_600_000
ALARMING_OFFSET_MS: Final = 500
LARGEST_OFFSET_MS: Final = 1_000
CLOCK_BLOCK_MS: Final = 120_000
"""Two passes long, so that a wrong clock blocks without a pause for as long as it is wrong."""


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
    settle_differences: SettleDifferences
    check_liquidation_prices: CheckLiquidationPrices
    notifier: Notifier
    clock: Clock
    meter: Meter

    def __call__(self, account: Account) -> Report:
        """One pass over one account. Raises VenueUnreachable or VenueReadFailed, having concluded nothing from it.

        An order, symbol or position that cannot be seen to is left as it is and told of at the end: the others are not
        left waiting.
        """
        venue = self.venues.trading(account)
        self._watch_clock(account, venue.fetch_clock_offset_ms())
        open_orders = {news.client_order_id: news for news in venue.fetch_open_orders()}
        read_at_ms, positions = self.clock.now_ms(), venue.fetch_positions()
        legs = {(position.symbol, position.side): position for position in positions}
        balance = venue.fetch_balance()
        self.balances.save(balance)
        unfinished = self.orders.unfinished(account.id)
        unread: dict[Symbol, VenueReadFailed] = {}
        asked = self._catch_up_orders(account, unfinished, open_orders, unread)
        imported = self._import_for_differences(account, legs, unfinished, unread)
        settled = self.settle_differences(account, legs, read_at_ms, unread)
        orphans = self._cancel_orphans(account, open_orders)
        unguarded = self._guard_positions(account)
        self.check_liquidation_prices(account, positions, balance)
        self.meter.count("unknown_orders", sum(order.state in UNRESOLVED for order in unfinished))
        report = Report(asked, imported, settled.adopted, settled.adjusted, orphans, settled.differences)
        self._tell(account, report)
        _raise_what_failed(unread, unguarded)
        return report

    def _guard_positions(self, account: Account) -> dict[Symbol, Exception]:
        """Protect every position; return why that was not possible, by symbol."""
        failures: dict[Symbol, Exception] = {}
        unprotected = 0
        for slot in self.ledger.slots_in_use(account.id):
            if slot.position is None:
                continue
            try:
                unprotected += self.guard(account, slot.symbol, slot.side) is Protection.UNPROTECTED
            except (VenueReadFailed, VenueUnreachable, LostTooManyRaces, StoreBusy) as failure:
                logger.warning("position_not_guarded", extra={"symbol": slot.symbol, "cause": str(failure)})
                failures[slot.symbol] = failure
                # It may stand protected; but an alarm is for what is not known to.
                unprotected += slot.position.unprotected_since_ms is not None
        # Told even when they are none: an alarm over minutes has to see that it is over.
        self.meter.count("unprotected_positions", unprotected)
        return failures

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
                self._stands(order, news)
            elif self.clock.now_ms() - order.updated_at_ms >= GRACE_MS or order.state in UNRESOLVED:
                try:
                    asked += self._ask(account, order)
                except VenueReadFailed as failure:
                    unread[order.intent.symbol] = failure
        return asked

    def _stands(self, order: Order, news: OrderNews) -> None:
        if order.state in UNRESOLVED:
            self.resolve.found(order, news)
        else:
            self.record.news(order, news)

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
        for symbol in sorted({leg[0] for leg in slots | dict(legs) if differs(slots.get(leg), legs.get(leg))}):
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


def _raise_what_failed(unread: Mapping[Symbol, Exception], unguarded: Mapping[Symbol, Exception]) -> None:
    """The pass is told to have failed, after everything that could be done was done."""
    told = [f"{symbol}: {failure}" for failures in (unread, unguarded) for symbol, failure in failures.items()]
    if told:
        raise VenueReadFailed("; ".join(told))
