"""Ask the venue whether the stop of a position still stands: the event that says it is gone may never come."""

import logging
from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.order import Order, OrderNews
from undertow.domain.position import Slot
from undertow.ports import Orders, Venues
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

    def __call__(self, account: Account, slot: Slot) -> None:
        """One question about the stop of ``slot``'s position, if it is held to stand. What is gone is replaced.

        That the venue does not know it proves nothing: its queries lag, and reconciliation reads the whole list. Raises
        VenueReadFailed and VenueUnreachable, having concluded nothing.
        """
        position = slot.position
        if position is None or position.stop_order is None or position.unprotected_since_ms is not None:
            return
        stop = self.orders.get(account.id, position.stop_order)
        if stop is None:
            return
        if stands(stop):
            news = self.venues.trading(account).fetch_order(slot.symbol, stop.client_order_id)
            if news is None:
                return
            if news.filled_quantity > stop.filled_quantity:
                self._triggered(account, stop, news)
                return
            stop = self.record.news(stop, news)
        if not stands(stop):
            logger.warning("stop_found_gone", extra={"account": account.id, "symbol": slot.symbol, "side": slot.side})
            # The stop first, then who looks again: the next tick or pass comes even if this process dies over it.
            if self.guard(account, slot.symbol, slot.side) in (Protection.UNPROTECTED, Protection.CLOSING):
                self.guard.watch(account, slot.symbol, slot.side)

    def _triggered(self, account: Account, stop: Order, news: OrderNews) -> None:
        """Its trades come first: a stop that ended before they are booked would pass for one that is missing."""
        if self.import_fills(account, stop.intent.symbol, news.time_ms):
            self.record.news(stop, news)
