"""Ask the venue about an order whose fate is not known. It is never sent again."""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import ClientOrderId
from undertow.domain.order import UNRESOLVED, Order, OrderNews, OrderState, Purpose
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import LONGEST_DELAY_S, AlertLevel, Clock, FollowUps, Meter, Notifier, Orders, Venues
from undertow.services.import_fills import ImportFills
from undertow.services.place_order import ENTRY_LOOK_S
from undertow.services.record_order import RecordOrder

logger = logging.getLogger(__name__)

QUESTION_DELAYS_S: Final = (2, 5, 15)
MISSES_UNTIL_LOST: Final = 3
LOST_RELEASE_AFTER_MS: Final = 35 * 60_000
"""Venues of this family have been seen to "forget" orders for half an hour. Until then a lost order keeps what it
reserved; after it, three and more definite "not found" answers are taken as proof that it never lived."""

MISSING_AFTER_MS: Final = 1_500
"""Younger than this, an order that the venue does not know may still be on its way there. A position is naked while its
stop or its exit is waited for, and a second one that comes too much does no harm.
"""


def seems_never_arrived(order: Order) -> bool:
    """Whether the venue did not know the order when it was last asked, a while after it was sent.

    Not enough to send an entry again. An order that only reduces may be followed by another one: both together take
    off no more than there is.
    """
    asked_after_ms = order.updated_at_ms - order.created_at_ms
    return order.state in UNRESOLVED and order.not_found > 0 and asked_after_ms >= MISSING_AFTER_MS


def is_missing(order: Order) -> bool:
    """The venue had confirmed the order, and reconciliation did not find it there since.

    Of one that only reduces another may be sent: should the first turn up after all, the two together take off no more
    than there is, and a stop that the position does not name is cancelled.
    """
    return order.state not in UNRESOLVED and not order.state.is_final and order.not_found > 0


@dataclass(frozen=True, slots=True)
class ResolveUnconfirmed:
    orders: Orders
    venues: Venues
    record: RecordOrder
    import_fills: ImportFills
    follow_ups: FollowUps
    notifier: Notifier
    clock: Clock
    meter: Meter

    def __call__(self, account: Account, order_id: ClientOrderId, attempt: int) -> Order | None:
        """Ask once; schedule the next question while the answer is still "not found" or no answer at all."""
        order = self.orders.get(account.id, order_id)
        if order is None:
            return None
        if order.state not in UNRESOLVED:
            # The stream was faster than this question, and left it to us to see to the order's end.
            self._schedule_expiry(order)
            return order
        resolved = self.ask(account, order)
        if resolved.state in UNRESOLVED and attempt + 1 < len(QUESTION_DELAYS_S):
            again = attempt + 1
            self._schedule(resolved, FollowUpKind.RESOLVE_UNCONFIRMED, again, QUESTION_DELAYS_S[again])
        return resolved

    def ask_anew(self, account: Account, order: Order) -> Order:
        """Ask, and if the venue does not know the order, again in seconds as after its sending: the questions of then
        may all have come while the venue gave no answer, and one a minute would take minutes to an end."""
        asked = self.ask(account, order)
        if asked.state in UNRESOLVED and asked.state is not OrderState.LOST and asked.not_found > 0:
            self._schedule(asked, FollowUpKind.RESOLVE_UNCONFIRMED, 0, QUESTION_DELAYS_S[0])
        return asked

    def ask(self, account: Account, order: Order) -> Order:
        """One question to the venue, and what follows from the answer. No answer changes nothing."""
        try:
            news = self.venues.trading(account).fetch_order(order.intent.symbol, order.client_order_id)
        except (VenueUnreachable, VenueReadFailed) as failure:
            logger.warning(
                "order_question_unanswered",
                extra={"client_order_id": order.client_order_id, "cause": str(failure)},
            )
            return order
        if news is None:
            return self._missing(order)
        found = self.found(order, news)
        logger.info("order_found", extra={"client_order_id": order.client_order_id, "order_state": found.state.value})
        if news.filled_quantity > 0:
            self.import_fills(account, order.intent.symbol, order.created_at_ms)
        return found

    def found(self, order: Order, news: OrderNews) -> Order:
        """The venue knows the order after all: record how it stands, and see to its end in time."""
        found = self.record.news(order, news)
        if order.state is OrderState.LOST:
            self.notifier.resolved(f"order_lost#{order.client_order_id}", f"the order was found: {found.state.value}")
        self._schedule_expiry(found)
        return found

    def _schedule_expiry(self, order: Order) -> None:
        intent = order.intent
        if intent.purpose is not Purpose.ENTRY or intent.ttl_s is None or order.state.is_final:
            return
        self._schedule(order, FollowUpKind.CHECK_ENTRY, 0, ENTRY_LOOK_S)
        left_ms = max(0, order.created_at_ms + intent.ttl_s * 1000 - self.clock.now_ms())
        self._schedule(order, FollowUpKind.EXPIRE_ORDER, 0, min(-(-left_ms // 1000), LONGEST_DELAY_S))

    def _missing(self, order: Order) -> Order:
        missed = self.record.not_found(order)
        if missed.state is OrderState.LOST:
            if self.clock.now_ms() - missed.created_at_ms < LOST_RELEASE_AFTER_MS:
                return missed
            abandoned = self.record.state(missed, OrderState.ABANDONED, "the venue never knew the order")
            over = "the venue never knew the order; what it reserved is free again"
            self.notifier.resolved(f"order_lost#{order.client_order_id}", over)
            return abandoned
        if missed.not_found < MISSES_UNTIL_LOST:
            return missed
        lost = self.record.state(missed, OrderState.LOST, f"not found {missed.not_found} times")
        self.meter.count("orders_lost")
        self.tell_lost(lost)
        return lost

    def tell_lost(self, order: Order) -> None:
        self.notifier.alert(
            AlertLevel.CRITICAL,
            f"order_lost#{order.client_order_id}",
            "an order whose sending was not confirmed cannot be found at the venue; what it reserved stays reserved",
            {"client_order_id": order.client_order_id, "symbol": order.intent.symbol, "account": order.intent.account},
        )

    def _schedule(self, order: Order, kind: FollowUpKind, attempt: int, delay_s: int) -> None:
        intent = order.intent
        self.follow_ups.schedule(
            FollowUp(
                kind,
                intent.account,
                intent.symbol,
                intent.position_side,
                order.client_order_id,
                attempt,
                self.clock.now_ms(),
            ),
            delay_s,
        )
