"""The one path by which orders reach a venue: persist, send once, record what the venue said."""

import logging
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.domain.account import Account
from undertow.domain.decision import Decision
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import ClientOrderId
from undertow.domain.ladder import LadderPlan
from undertow.domain.numbers import plain
from undertow.domain.order import NEVER_SENT, Order, OrderIntent, OrderState
from undertow.domain.outcome import (
    Accepted,
    Rejected,
    SubmitOutcome,
    Unconfirmed,
    VenueBlocked,
    VenueUnreachable,
)
from undertow.domain.position import LiveEntry, Slot
from undertow.ports import (
    ClaimOutcome,
    Clock,
    EntryClaim,
    FollowUps,
    Ledger,
    Meter,
    Orders,
    Venues,
)
from undertow.risk.approval import ApprovedOrder
from undertow.risk.limits import AccountLimits
from undertow.services.record_order import RecordOrder
from undertow.services.refresh_rules import REFUSED_BY_RULES, RefreshRules

logger = logging.getLogger(__name__)

FIRST_QUESTION_AFTER_S: Final = 2
"""An unconfirmed order is asked about 2, 5 and 15 s later, then by every reconciliation."""
ENTRY_LOOK_S: Final = 2
"""An entry that may fill is asked about this often: its fill must have a stop within 5 s, whoever dies meanwhile. One
question weighs 1 of the 2,400 a minute that the venue allows.
"""
FILLED_LOOK_S: Final = 1
"""Where the venue's answer says already that it filled, the position is naked from that moment on."""


class NotSent(StrEnum):
    """The venue's answer when there was no request: it could not be reached, told us to wait, or was not asked, since
    the signal had grown too old while the entry was being claimed."""

    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    PERISHED = "perished"


@dataclass(frozen=True, slots=True)
class Placement:
    """``claim`` says whether the entry was ours to send; ``order`` is its record as far as it is known."""

    claim: ClaimOutcome
    order: Order


@dataclass(frozen=True, slots=True)
class EntryTerms:
    """What an entry is claimed under: the slot as it was reviewed, its pause afterwards, and the caps of the account.

    ``max_total_risk`` is in quote units. ``plan`` is the ladder that the entry opens, reserved whole with it.
    """

    slot: Slot
    opposite_in_use: bool
    cooldown_s: int
    limits: AccountLimits
    max_total_risk: Decimal
    plan: LadderPlan | None = None


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    ledger: Ledger
    orders: Orders
    venues: Venues
    follow_ups: FollowUps
    record: RecordOrder
    refresh_rules: RefreshRules
    clock: Clock
    meter: Meter

    def entry(self, approved: ApprovedOrder, account: Account, decision: Decision, terms: EntryTerms) -> Placement:
        """Claim the slot and reserve in one transaction, then send once.

        A lost claim sends nothing. After a claim the order exists whatever happens: if this process dies now, the
        record is found ``in_flight`` and the venue is asked about it.
        """
        intent = approved.intent
        order = self._in_flight(intent)
        claim = _claim(order, decision, terms)
        outcome = self.ledger.claim(claim)
        if outcome is not ClaimOutcome.CLAIMED:
            self.meter.count("claims_lost")
            return Placement(outcome, order)
        claimed = replace(claim.slot_after, version=terms.slot.version + 1)
        return Placement(outcome, self._send(approved, account, order, claimed))

    def reduction(self, approved: ApprovedOrder, account: Account) -> Order:
        """Send a stop, a target or an exit. Asking for the same one again returns the one that exists.

        One that was never sent is sent now, under the same id: however long the venue does not let us in, the number
        of ids that a position may use up is not spent by it.
        """
        order = self._in_flight(approved.intent)
        if not self.orders.add(order):
            existing = self.orders.get(account.id, order.client_order_id)
            if existing is None:
                raise OrderVanished(order.client_order_id)
            order = replace(order, version=existing.version + 1)
            if not existing.was_never_sent or not self.orders.update(order):
                return existing
        return self._send(approved, account, order)

    def _in_flight(self, intent: OrderIntent) -> Order:
        now_ms = self.clock.now_ms()
        return Order(intent, OrderState.IN_FLIGHT, created_at_ms=now_ms, updated_at_ms=now_ms, version=1)

    def _send(self, approved: ApprovedOrder, account: Account, order: Order, claimed: Slot | None = None) -> Order:
        """``claimed`` is the slot as an entry's claim left it: an entry that ends at once is settled without a read."""
        outcome = self._submit(approved, account)
        logger.info(
            "order_submitted",
            extra={
                "client_order_id": order.client_order_id,
                "account": account.id,
                "symbol": order.intent.symbol,
                "purpose": order.intent.purpose.value,
                "quantity": plain(order.intent.quantity) if order.intent.quantity is not None else None,
                "price": plain(order.intent.price) if order.intent.price is not None else None,
                "stop_price": plain(order.intent.stop_price) if order.intent.stop_price is not None else None,
                "outcome": type(outcome).__name__,
                "detail": _detail(outcome),
            },
        )
        self.meter.count("orders_" + type(outcome).__name__.lower())
        match outcome:
            case Accepted(news):
                recorded = self.record.news(order, news, claimed)
                self._schedule_expiry(recorded)
                return recorded
            case Rejected(code, message):
                rejected = self.record.state(order, OrderState.REJECTED, f"{code}: {message}", claimed)
                if code in REFUSED_BY_RULES:
                    self.refresh_rules(account.venue, order.intent.symbol)
                return rejected
            case Unconfirmed(cause):
                unconfirmed = self.record.state(order, OrderState.UNCONFIRMED, cause)
                self._schedule(order, FollowUpKind.RESOLVE_UNCONFIRMED, FIRST_QUESTION_AFTER_S)
                return unconfirmed
            case NotSent():
                return self.record.state(order, OrderState.ABANDONED, f"{NEVER_SENT}: {outcome.value}", claimed)

    def _submit(self, approved: ApprovedOrder, account: Account) -> SubmitOutcome | NotSent:
        expires_at_ms = approved.intent.expires_at_ms
        if expires_at_ms is not None and self.clock.now_ms() > expires_at_ms:
            return NotSent.PERISHED
        try:
            return self.venues.trading(account).submit(approved)
        except VenueBlocked:
            return NotSent.BLOCKED
        except VenueUnreachable:
            return NotSent.UNREACHABLE

    def _schedule_expiry(self, order: Order) -> None:
        """Also one that filled at once is looked after: the message that tells of its trades may be held back."""
        if order.intent.ttl_s is None:
            return
        if order.filled_quantity > 0:
            self._schedule(order, FollowUpKind.CHECK_ENTRY, FILLED_LOOK_S)
        elif not order.state.is_final:
            self._schedule(order, FollowUpKind.CHECK_ENTRY, ENTRY_LOOK_S)
        if not order.state.is_final:
            self._schedule(order, FollowUpKind.EXPIRE_ORDER, order.intent.ttl_s)

    def _schedule(self, order: Order, kind: FollowUpKind, delay_s: int) -> None:
        intent = order.intent
        self.follow_ups.schedule(
            FollowUp(
                kind,
                intent.account,
                intent.symbol,
                intent.position_side,
                intent.client_order_id,
                attempt=0,
                created_at_ms=self.clock.now_ms(),
            ),
            delay_s,
        )


class OrderVanished(Exception):
    """A record that was there a moment ago cannot be read. Records are never deleted, so this must be looked into."""

    def __init__(self, order: ClientOrderId) -> None:
        super().__init__(f"the record of order {order} cannot be read")


def _claim(order: Order, decision: Decision, terms: EntryTerms) -> EntryClaim:
    intent, now_ms = order.intent, order.created_at_ms
    if intent.strategy is None:
        raise ValueError("an entry belongs to a strategy")
    entry = LiveEntry(
        intent.client_order_id,
        intent.strategy,
        intent.layer,
        intent.notional,
        intent.margin,
        risk=intent.risk,
        ladder=intent.ladder,
    )
    laddered = terms.slot if terms.plan is None else terms.slot.with_ladder(terms.plan)
    return EntryClaim(
        order=order,
        slot_before=terms.slot,
        slot_after=laddered.with_entry(entry, now_ms + terms.cooldown_s * 1000, now_ms),
        decision=decision,
        max_total_notional=terms.limits.max_total_notional,
        max_total_margin=terms.limits.max_total_margin,
        max_positions=terms.limits.max_positions,
        max_total_risk=terms.max_total_risk,
        opposite_in_use=terms.opposite_in_use,
    )


def _detail(outcome: SubmitOutcome | NotSent) -> str:
    match outcome:
        case Accepted(news):
            return str(news.state.value)
        case Rejected(code, message):
            return f"{code}: {message}"
        case Unconfirmed(cause):
            return cause
        case NotSent():
            return outcome.value
