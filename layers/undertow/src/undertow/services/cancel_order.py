"""Take an order off the book, and learn from the venue how it ended rather than assume it."""

import logging
from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.order import Order
from undertow.domain.outcome import Canceled, NotOpen, Unconfirmed, VenueReadFailed, VenueUnreachable
from undertow.ports import Orders, Venues
from undertow.services.record_order import RecordOrder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CancelOrder:
    orders: Orders
    venues: Venues
    record: RecordOrder

    def __call__(self, account: Account, order: Order) -> Order:
        """Cancel ``order``; return its record as it stands then.

        An order that could not be cancelled for certain keeps its state: the stream or reconciliation tells the rest.
        """
        venue = self.venues.trading(account)
        symbol = order.intent.symbol
        try:
            outcome = venue.cancel(symbol, order.client_order_id)
            if isinstance(outcome, NotOpen):
                # "Unknown order" on a cancel means that it has ended, filled or not: the venue is asked which.
                news = venue.fetch_order(symbol, order.client_order_id)
                return order if news is None else self.record.news(order, news)
        except (VenueUnreachable, VenueReadFailed) as failure:
            logger.warning("cancel_unfinished", extra={"client_order_id": order.client_order_id, "cause": str(failure)})
            return order
        match outcome:
            case Canceled(news):
                logger.info(
                    "order_canceled", extra={"client_order_id": order.client_order_id, "symbol": order.intent.symbol}
                )
                return self.record.news(order, news)
            case Unconfirmed(cause):
                logger.warning("cancel_unfinished", extra={"client_order_id": order.client_order_id, "cause": cause})
                return order
