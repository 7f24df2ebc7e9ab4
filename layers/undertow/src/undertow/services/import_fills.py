"""Fetch trades from the venue and book those the ledger does not hold yet, oldest first."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import Symbol
from undertow.domain.order import Order
from undertow.ports import Clock, Fills, Orders, Venues
from undertow.services.book_fill import BookFill, Booking
from undertow.services.record_order import RecordOrder

logger = logging.getLogger(__name__)

OVERLAP_MS: Final = 60_000
"""Trades are fetched from a minute before the moment of interest: clocks differ, and booking twice does nothing."""
ORDER_LOOKBACK_MS: Final = 24 * 3_600_000
ORDERS_CONSIDERED: Final = 1_000


@dataclass(frozen=True, slots=True)
class ImportFills:
    orders: Orders
    fills: Fills
    venues: Venues
    book: BookFill
    record: RecordOrder
    clock: Clock

    def __call__(self, account: Account, symbol: Symbol, since_ms: int) -> Sequence[Booking]:
        """Book every trade of ``symbol`` since ``since_ms`` that is missing; return what each did.

        Raises VenueUnreachable or VenueReadFailed: a failed read books nothing and proves nothing.
        """
        trades = self.venues.trading(account).fetch_fills(symbol, since_ms - OVERLAP_MS)
        missing = [trade for trade in trades if not self.fills.has(account.id, symbol, trade.trade_id)]
        if not missing:
            return ()
        ours = self._orders_by_venue_id(account, symbol, since_ms)
        bookings = []
        for trade in sorted(missing, key=lambda trade: (trade.time_ms, trade.trade_id)):
            order = ours.get(trade.venue_order_id)
            if order is not None:
                order = self.orders.get(account.id, order.client_order_id) or order
            bookings.append(self.book(trade, order, None))
        logger.info("fills_imported", extra={"account": account.id, "symbol": symbol, "fills": len(bookings)})
        for order in ours.values():
            self._settle(account, order)
        return bookings

    def _orders_by_venue_id(self, account: Account, symbol: Symbol, since_ms: int) -> dict[int, Order]:
        """Our orders of the symbol that trades since then can belong to. The trade history names no client ids."""
        now_ms = self.clock.now_ms()
        recent = self.orders.recent(account.id, since_ms - ORDER_LOOKBACK_MS, now_ms, ORDERS_CONSIDERED)
        listed = {
            order.client_order_id: order
            for order in (*self.orders.unfinished(account.id), *recent)
            if order.intent.symbol == symbol
        }
        known = [self._as_of_now(account, order) for order in listed.values()]
        return {order.venue_order_id: order for order in known if order.venue_order_id is not None}

    def _as_of_now(self, account: Account, order: Order) -> Order:
        """Lists lag behind: an order that the venue has given its number a moment ago may be listed without one, and
        its fill would pass for somebody else's."""
        if order.venue_order_id is not None:
            return order
        return self.orders.get(account.id, order.client_order_id) or order

    def _settle(self, account: Account, order: Order) -> None:
        """An order that had ended before its last fill was booked gives its reservation back now."""
        known = self.orders.get(account.id, order.client_order_id)
        if known is not None and known.state.is_final:
            self.record.settled(known)
