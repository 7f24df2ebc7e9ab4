"""Writes what is known of an order, and releases what an ended entry no longer needs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.order import UNRESOLVED, Order, OrderNews, OrderState, Purpose
from undertow.domain.position import Slot
from undertow.ports import Clock, Ledger, LedgerEntry, Orders, WriteOutcome

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 8
"""How often a write that lost a race re-reads and tries again, before it is an error."""


class LostTooManyRaces(Exception):
    """A record kept changing under us. Nothing was written; the message or the schedule brings us back."""


@dataclass(frozen=True, slots=True)
class RecordOrder:
    ledger: Ledger
    orders: Orders
    clock: Clock

    def news(self, order: Order, news: OrderNews, slot: Slot | None = None) -> Order:
        """Merge what the venue says of ``order``; return the record as it now stands.

        ``slot`` is the order's slot if the caller has just written it: that saves reading it again.
        """
        return self._write(order, lambda known: known.with_news(news, self.clock.now_ms()), slot)

    def state(self, order: Order, state: OrderState, reason: str, slot: Slot | None = None) -> Order:
        """Move the order to ``state``, unless more is known of it by now.

        When that ends an entry, what it reserved goes back in the same transaction.
        """

        def moved(known: Order) -> Order:
            if known.state not in UNRESOLVED:
                return known
            return known.revised(state, self.clock.now_ms(), reason)

        return self._write(order, moved, slot)

    def not_found(self, order: Order) -> Order:
        """The venue did not know the order once more.

        ``order`` is the record as it was when the venue was asked: what the venue has told of it since is newer than
        that answer, which then counts for nothing.
        """

        def missed(known: Order) -> Order:
            told_since = order.state in UNRESOLVED and known.state not in UNRESOLVED
            if told_since or known.state.is_final or known.not_found < order.not_found:
                return known
            return known.not_found_again(self.clock.now_ms())

        return self._write(order, missed)

    def forgotten(self, order: Order) -> Order:
        """End an order that the venue had confirmed and has not known for long, unless it has turned up by now."""

        def ended(known: Order) -> Order:
            if known.state.is_final or known.missing_since_ms is None:
                return known
            return known.revised(OrderState.CANCELED, self.clock.now_ms(), "the venue no longer knows the order")

        return self._write(order, ended)

    def settled(self, order: Order, booked: Decimal) -> None:
        """Give back what an ended entry reserved, if all its fills are booked by now.

        ``booked`` of it is known to be, perhaps as somebody else's, before the order's number was known.
        """
        for _ in range(ATTEMPTS):
            slot = self.ledger.slot(order.intent.account, order.intent.symbol, order.intent.position_side)
            after = slot.counting(order, booked).settled(order)
            if after is slot or self.ledger.write(LedgerEntry(slot, after)) is WriteOutcome.WRITTEN:
                return
        raise LostTooManyRaces(f"slot of {order.client_order_id} changed {ATTEMPTS} times while it was being settled")

    def _write(self, order: Order, change: Callable[[Order], Order], slot: Slot | None = None) -> Order:
        known = order
        for _ in range(ATTEMPTS):
            changed = change(known)
            if changed is known:
                return known
            if self._stored(known, changed, slot):
                return changed
            slot = None
            reread = self.orders.get(order.intent.account, order.client_order_id)
            known = reread if reread is not None else known
        raise LostTooManyRaces(f"order {order.client_order_id} changed {ATTEMPTS} times while it was being recorded")

    def _stored(self, known: Order, changed: Order, slot: Slot | None) -> bool:
        entry_ends = changed.intent.purpose is Purpose.ENTRY and changed.state.is_final and not known.state.is_final
        if not entry_ends:
            return self.orders.update(changed)
        if slot is None:
            slot = self.ledger.slot(changed.intent.account, changed.intent.symbol, changed.intent.position_side)
        return self.ledger.write(LedgerEntry(slot, slot.settled(changed), (changed,))) is WriteOutcome.WRITTEN
