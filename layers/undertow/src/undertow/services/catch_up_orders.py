"""Bring the records of orders up to what the venue says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.order import UNRESOLVED, Order, OrderNews, OrderState
from undertow.domain.outcome import VenueReadFailed
from undertow.ports import AlertLevel, Clock, Notifier, NotScheduled, StoreBusy, Venues
from undertow.services.import_fills import ImportFills
from undertow.services.record_order import RecordOrder
from undertow.services.resolve_unconfirmed import LOST_RELEASE_AFTER_MS, MISSES_UNTIL_LOST, ResolveUnconfirmed
from undertow.services.take_turn import Turn

GRACE_MS: Final = 5_000
"""What is younger is under way in another process: it is left alone."""
LISTED_WITHIN_MS: Final = 45_000
"""An order that is older than this is in the venue's lists and found by its queries, however far those lag behind."""


@dataclass(frozen=True, slots=True)
class CatchUpOrders:
    venues: Venues
    record: RecordOrder
    resolve: ResolveUnconfirmed
    import_fills: ImportFills
    notifier: Notifier
    clock: Clock

    def __call__(
        self,
        account: Account,
        unfinished: Sequence[Order],
        open_orders: Mapping[ClientOrderId, OrderNews],
        turn: Turn,
        unread: dict[Symbol, Exception],
    ) -> int:
        """How many orders the venue was asked about one by one. What it did not answer for goes to ``unread``."""
        asked = 0
        for order in unfinished:
            news = open_orders.get(order.client_order_id)
            turn.check()
            if news is not None:
                self._stands(order, news)
            elif self.clock.now_ms() - order.updated_at_ms >= GRACE_MS or order.state in UNRESOLVED:
                try:
                    asked += self._ask(account, order)
                except (VenueReadFailed, NotScheduled, StoreBusy) as failure:
                    unread[order.intent.symbol] = failure
        return asked

    def tell_of_lost(self, account: Account, unfinished: Sequence[Order]) -> None:
        """Again in each pass: the process that lost an order may have died before anybody was told. Once everything is
        done that a pass does: who dies telling must not leave a position without its stop, pass after pass.
        """
        for order in unfinished:
            known = self.resolve.orders.get(account.id, order.client_order_id) if order.state in UNRESOLVED else None
            if known is not None and known.state is OrderState.LOST:
                self.resolve.tell_lost(known)

    def _stands(self, order: Order, news: OrderNews) -> None:
        if order.state in UNRESOLVED:
            self.resolve.found(order, news)
        else:
            self.record.news(order, news)

    def _ask(self, account: Account, order: Order) -> int:
        if self.clock.now_ms() - order.created_at_ms < GRACE_MS:
            return 0
        if order.state in UNRESOLVED:
            self.resolve.ask_anew(account, order)
            return 1
        news = self.venues.trading(account).fetch_order(order.intent.symbol, order.client_order_id)
        if news is None:
            self._vanished(account, order)
            return 1
        ended = self.record.news(order, news)
        if ended.filled_quantity > 0:
            self.import_fills(account, order.intent.symbol, order.created_at_ms)
        return 1

    def _vanished(self, account: Account, order: Order) -> None:
        """The venue had accepted the order, and neither its list nor a query knows it now.

        Of one that reduces, whoever sees to the position sends another. It has ended when it stays away for longer than
        a venue was seen to forget an order that lived: what ended without a fill is forgotten for good after days.
        """
        now_ms = self.clock.now_ms()
        if now_ms - order.created_at_ms >= LISTED_WITHIN_MS:
            order = self.record.not_found(order)
            if order.state.is_final or order.not_found == 0:
                return  # The venue has told of it meanwhile.
        since_ms = order.missing_since_ms
        key = f"order_unknown#{order.client_order_id}"
        if since_ms is not None and now_ms - since_ms >= LOST_RELEASE_AFTER_MS and order.not_found > MISSES_UNTIL_LOST:
            # What it filled is booked before its end gives back what it reserved.
            self.import_fills(account, order.intent.symbol, order.created_at_ms)
            ended = self.record.forgotten(order)
            self.notifier.resolved(key, f"the order is {ended.state.value}: {ended.reason}")
            return
        self.notifier.alert(
            AlertLevel.HIGH,
            key,
            "the venue no longer knows an order that it had accepted",
            {"client_order_id": order.client_order_id, "symbol": order.intent.symbol, "account": account.id},
        )
