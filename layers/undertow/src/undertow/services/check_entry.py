"""Ask about an entry while it may fill: its fill is protected even if the message that tells of it is held back."""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.order import UNRESOLVED, Order
from undertow.ports import Clock, FollowUps, Ledger, NotScheduled, Orders, Venues
from undertow.services.import_fills import ImportFills
from undertow.services.place_order import ENTRY_LOOK_S
from undertow.services.protect import Protect
from undertow.services.record_order import RecordOrder
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed

logger = logging.getLogger(__name__)

LOOKS: Final = 30
"""After a minute of looking the schedules are what looks."""


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """A queue hides a message for three minutes when the process that read it dies; a position must not stand without
    a stop for as long. Asked is only about entries that the ledger still counts on: what is booked needs no question,
    only its stop.
    """

    ledger: Ledger
    orders: Orders
    venues: Venues
    record: RecordOrder
    import_fills: ImportFills
    resolve: ResolveUnconfirmed
    protect: Protect
    follow_ups: FollowUps
    clock: Clock

    def __call__(self, account: Account, order_id: ClientOrderId, attempt: int, *, is_repeated: bool = False) -> None:
        """One look. The next one is put off before anything else, so that it comes even if this one dies; a look that
        the queue brings again has done so already. Raises VenueReadFailed and VenueUnreachable: the queue brings it
        again.
        """
        order = self.orders.get(account.id, order_id)
        if order is None or order.state in UNRESOLVED:
            return
        if not self._is_awaited(order):
            if order.filled_quantity > 0:
                # Booked, by a process that may have died before it protected.
                self.protect(account, order.intent.symbol, order.intent.position_side)
            return
        if not is_repeated and attempt + 1 < LOOKS:
            self._look_again(order, attempt + 1)
        if self._asked(account, order):
            self.protect(account, order.intent.symbol, order.intent.position_side)

    def of_side(self, account: Account, symbol: Symbol, side: PositionSide) -> None:
        """Ask once about each entry of a side without a position: a fill was heard of, and whoever heard of it may have
        died before it was booked.
        """
        slot = self.ledger.slot(account.id, symbol, side)
        for entry in slot.entries if slot.position is None else ():
            order = self.orders.get(account.id, entry.client_order_id)
            if order is not None and order.state in UNRESOLVED:
                self.resolve.ask(account, order)
            elif order is not None:
                self._asked(account, order)

    def _asked(self, account: Account, order: Order) -> bool:
        """Whether there was something to book. Of a young order that queries do not find yet, its trades may tell."""
        news = None
        if not order.state.is_final:
            news = self.venues.trading(account).fetch_order(order.intent.symbol, order.client_order_id)
            order = self.record.news(order, news) if news is not None else order
        if news is not None and order.filled_quantity == 0:
            return False
        self.import_fills(account, order.intent.symbol, order.created_at_ms)
        return True

    def _is_awaited(self, order: Order) -> bool:
        slot = self.ledger.slot(order.intent.account, order.intent.symbol, order.intent.position_side)
        return any(entry.client_order_id == order.client_order_id for entry in slot.entries)

    def _look_again(self, order: Order, attempt: int) -> None:
        intent = order.intent
        again = FollowUp(
            FollowUpKind.CHECK_ENTRY,
            intent.account,
            intent.symbol,
            intent.position_side,
            order.client_order_id,
            attempt,
            self.clock.now_ms(),
        )
        try:
            self.follow_ups.schedule(again, ENTRY_LOOK_S)
        except NotScheduled as failure:
            logger.warning("look_not_scheduled", extra={"order": order.client_order_id, "cause": str(failure)})
            self.follow_ups.schedule(again, ENTRY_LOOK_S)
