"""Ask the venue whether the stop of a position still stands: the event that says it is gone may never come."""

import logging
from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.order import Order, OrderNews
from undertow.domain.position import Slot
from undertow.ports import Clock, Orders, Venues
from undertow.services.catch_up_orders import LISTED_WITHIN_MS
from undertow.services.guard_position import GuardPosition
from undertow.services.import_fills import ImportFills
from undertow.services.protect import Protection, stands
from undertow.services.record_order import RecordOrder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckStop:
    """A stop may be cancelled by hand, expire, or trigger while the stream is down, or while its messages wait behind
    one that a process died with. One question weighs 1 of the 2,400 a minute that the venue allows.
    """

    orders: Orders
    venues: Venues
    record: RecordOrder
    import_fills: ImportFills
    guard: GuardPosition
    clock: Clock

    def __call__(self, account: Account, slot: Slot) -> None:
        """One question about the stop of ``slot``'s position, if it is held to stand. What is gone is replaced.

        That a query does not find it proves nothing, for queries lag. It is gone when it is not on the venue's list
        either, unless it is young. Raises VenueReadFailed and VenueUnreachable, having concluded nothing.
        """
        position = slot.position
        if position is None or position.stop_order is None or position.unprotected_since_ms is not None:
            return
        stop = self.orders.get(account.id, position.stop_order)
        if stop is None:
            return
        if stands(stop):
            news = self.venues.trading(account).fetch_order(slot.symbol, stop.client_order_id)
            if news is None and not self._is_gone(account, stop):
                return
            if news is not None and news.filled_quantity > stop.filled_quantity:
                self._triggered(account, stop, news)
                return
            stop = self.record.not_found(stop) if news is None else self.record.news(stop, news)
        if not stands(stop):
            logger.warning("stop_found_gone", extra={"account": account.id, "symbol": slot.symbol, "side": slot.side})
            # The stop first, then who looks again: the next tick or pass comes even if this process dies over it.
            if self.guard(account, slot.symbol, slot.side) in (Protection.UNPROTECTED, Protection.CLOSING):
                self.guard.watch(account, slot.symbol, slot.side)

    def _is_gone(self, account: Account, stop: Order) -> bool:
        """The whole list weighs 40. It is asked for once: what is missing is replaced and not asked about again."""
        if self.clock.now_ms() - stop.created_at_ms < LISTED_WITHIN_MS:
            return False
        listed = self.venues.trading(account).fetch_open_orders()
        return all(order.client_order_id != stop.client_order_id for order in listed)

    def _triggered(self, account: Account, stop: Order, news: OrderNews) -> None:
        """Its trades come first: a stop that ended before they are booked would pass for one that is missing."""
        if self.import_fills(account, stop.intent.symbol, news.time_ms):
            self.record.news(stop, news)
