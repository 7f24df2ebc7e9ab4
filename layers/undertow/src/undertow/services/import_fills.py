"""Fetch trades from the venue and book those the ledger does not hold yet, oldest first; tidy up what they closed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO
from undertow.domain.order import Order, Purpose
from undertow.ports import Clock, Fills, Ledger, Orders, Venues
from undertow.services.book_fill import BookFill, Booking
from undertow.services.record_order import RecordOrder
from undertow.services.tidy_up import TidyUp

logger = logging.getLogger(__name__)

OVERLAP_MS: Final = 60_000
"""Trades are fetched from a minute before the moment of interest: clocks differ, and booking twice does nothing."""
ORDER_LOOKBACK_MS: Final = 24 * 3_600_000
ORDERS_CONSIDERED: Final = 1_000
YOUNG_MS: Final = 5_000
"""An entry younger than this may still be on its way: a trade like it is not yet taken for somebody else's."""


@dataclass(frozen=True, slots=True)
class ImportFills:
    ledger: Ledger
    orders: Orders
    fills: Fills
    venues: Venues
    book: BookFill
    record: RecordOrder
    tidy_up: TidyUp
    clock: Clock

    def __call__(self, account: Account, symbol: Symbol, since_ms: int) -> Sequence[Booking]:
        """Book every trade of ``symbol`` since ``since_ms`` that is missing; return what each did.

        Raises VenueUnreachable or VenueReadFailed: a failed read books nothing and proves nothing.
        """
        trades = self.venues.trading(account).fetch_fills(symbol, since_ms - OVERLAP_MS)
        missing = [trade for trade in trades if not self.fills.has(account.id, symbol, trade.trade_id)]
        left, bookings = self._book(account, symbol, since_ms, missing) if missing else ([], [])
        self._settle_entries(account, symbol, [trade for trade in trades if trade not in left])
        return bookings

    def _book(
        self, account: Account, symbol: Symbol, since_ms: int, missing: Sequence[Fill]
    ) -> tuple[list[Fill], list[Booking]]:
        """What was left for later, and what each of the others did."""
        known = self._orders(account, symbol, since_ms)
        ours = {order.venue_order_id: order for order in known if order.venue_order_id is not None}
        left: list[Fill] = []
        bookings: list[Booking] = []
        for trade in sorted(missing, key=lambda trade: (trade.time_ms, trade.trade_id)):
            order = ours.get(trade.venue_order_id)
            if order is None and self._may_be_ours(trade, known):
                logger.info("fill_left_for_later", extra={"symbol": symbol, "trade_id": trade.trade_id})
                left.append(trade)
                continue
            if order is not None:
                order = self.orders.get(account.id, order.client_order_id) or order
            booking = self.book(trade, order, None)
            bookings.append(booking)
            if booking.closed is not None:
                # At once: whoever asked may die next, and nobody books this trade a second time.
                self.tidy_up(account, booking.closed, booking.excess)
        logger.info("fills_imported", extra={"account": account.id, "symbol": symbol, "fills": len(bookings)})
        return left, bookings

    def _orders(self, account: Account, symbol: Symbol, since_ms: int) -> list[Order]:
        """Our orders of the symbol that trades since then can belong to. The trade history names no client ids.

        Lists lag behind, so the entries under way are taken from their slots.
        """
        now_ms = self.clock.now_ms()
        recent = self.orders.recent(account.id, since_ms - ORDER_LOOKBACK_MS, now_ms, ORDERS_CONSIDERED)
        listed = {
            order.client_order_id: order
            for order in (*self.orders.unfinished(account.id), *recent)
            if order.intent.symbol == symbol
        }
        for side in PositionSide:
            for entry in self.ledger.slot(account.id, symbol, side).entries:
                order = self.orders.get(account.id, entry.client_order_id)
                if order is not None:
                    listed[order.client_order_id] = order
        return [self._numbered(account, order) for order in listed.values()]

    def _numbered(self, account: Account, order: Order) -> Order:
        """``order`` with the venue's number, without which its fill would pass for somebody else's.

        A list may not show a number that the record has by now; and while the process that sent an entry still waits
        for the answer, or died waiting, only the venue knows it.
        """
        if order.venue_order_id is not None:
            return order
        known = self.orders.get(account.id, order.client_order_id) or order
        if known.venue_order_id is not None or known.state.is_final or known.intent.purpose is not Purpose.ENTRY:
            return known
        news = self.venues.trading(account).fetch_order(known.intent.symbol, known.client_order_id)
        return known if news is None else self.record.news(known, news)

    def _may_be_ours(self, trade: Fill, known: Sequence[Order]) -> bool:
        """The trade could be of an entry so young that not even the venue can name it yet."""
        oldest_ms = self.clock.now_ms() - YOUNG_MS
        return any(
            order.venue_order_id is None
            and not order.state.is_final
            and order.intent.purpose is Purpose.ENTRY
            and order.created_at_ms > oldest_ms
            and order.intent.side is trade.side
            and trade.position_side in (None, order.intent.position_side)
            for order in known
        )

    def _settle_entries(self, account: Account, symbol: Symbol, booked: Sequence[Fill]) -> None:
        """An entry that had ended before its last fill was booked gives its reservation back now; so does one whose
        fill was booked before anybody knew its number.
        """
        for side in PositionSide:
            for entry in self.ledger.slot(account.id, symbol, side).entries:
                order = self.orders.get(account.id, entry.client_order_id)
                if order is not None and order.state.is_final and order.venue_order_id is not None:
                    own = (trade.quantity for trade in booked if trade.venue_order_id == order.venue_order_id)
                    self.record.settled(order, sum(own, ZERO))
