"""Ask about an entry while it may fill: its fill is protected even if the message that tells of it is held back."""

from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import ClientOrderId
from undertow.domain.order import Order
from undertow.domain.position import Slot
from undertow.ports import Clock, FollowUps, Ledger, Orders, Venues
from undertow.services.guard_position import GuardPosition
from undertow.services.import_fills import ImportFills
from undertow.services.place_order import ENTRY_LOOK_S
from undertow.services.protect import Protect, stands
from undertow.services.record_order import RecordOrder
from undertow.services.resolve_unconfirmed import UNRESOLVED

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
    protect: Protect
    guard: GuardPosition
    follow_ups: FollowUps
    clock: Clock

    def __call__(self, account: Account, order_id: ClientOrderId, attempt: int) -> None:
        """One look. Raises VenueReadFailed and VenueUnreachable: the queue brings the look back."""
        order = self.orders.get(account.id, order_id)
        if order is None or order.state in UNRESOLVED:
            return
        if not self._is_awaited(order):
            if order.filled_quantity > 0:
                # Booked, by a process that may have died before it protected.
                self.protect(account, order.intent.symbol, order.intent.position_side)
            return
        is_hidden = False
        if not order.state.is_final:
            news = self.venues.trading(account).fetch_order(order.intent.symbol, order_id)
            order = self.record.news(order, news) if news is not None else order
            is_hidden = news is None
        if is_hidden or order.filled_quantity > 0:
            # Of a young order that the venue's queries do not find yet, its trades may tell.
            self._watch(account, order)
            self.import_fills(account, order.intent.symbol, order.created_at_ms)
            self.protect(account, order.intent.symbol, order.intent.position_side)
        if attempt + 1 < LOOKS and (stands(order) or self._is_awaited(order)):
            self._look_again(order, attempt + 1)

    def _watch(self, account: Account, order: Order) -> None:
        """Have the position that the order opens looked at soon, even if this process dies with its stop not sent."""
        if order.filled_quantity > 0 and self._slot(order).position is None:
            self.guard.watch(account, order.intent.symbol, order.intent.position_side)

    def _is_awaited(self, order: Order) -> bool:
        return any(entry.client_order_id == order.client_order_id for entry in self._slot(order).entries)

    def _slot(self, order: Order) -> Slot:
        return self.ledger.slot(order.intent.account, order.intent.symbol, order.intent.position_side)

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
        self.follow_ups.schedule(again, ENTRY_LOOK_S)
