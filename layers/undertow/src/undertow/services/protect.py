"""Give a position its stop and its target: stop before target, place before cancel, and never an assumption.

A failure with the target never touches the stop. When the venue says that the stop would trigger at once, the price
is through it already and the position is closed at market.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import ClientOrderId, Symbol, client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder
from undertow.domain.market import PositionSide
from undertow.domain.order import UNRESOLVED, Order, OrderIntent, OrderState, Purpose, WorkingType
from undertow.domain.position import Position, Slot
from undertow.ports import (
    Clock,
    Instruments,
    Ledger,
    LedgerEntry,
    Meter,
    Orders,
    Parameters,
    ParamsSource,
    WriteOutcome,
)
from undertow.risk.approval import Refusal
from undertow.risk.gate import review_exit
from undertow.risk.protection import ProtectionParams, stop_intent, target_intent, wanted_stop, wanted_target
from undertow.services.cancel_order import CancelOrder
from undertow.services.close_position import ClosePosition
from undertow.services.place_order import PlaceOrder
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed, is_missing, seems_never_arrived
from undertow.services.tell_later import TellLater
from undertow.services.tell_of_position import TellOfPosition

logger = logging.getLogger(__name__)

WOULD_TRIGGER: Final = "-2021:"
ONE_CLOSING_ORDER_ONLY: Final = "-4130:"
GENERATIONS: Final = 50
"""How many orders for the same trigger a position may see end (cancelled by hand, say) before a person is told and
only one more is tried every minute."""

CONFIRMED: Final = frozenset({OrderState.OPEN, OrderState.PARTIALLY_FILLED})

ORPHAN_PROTECTION: Final = ProtectionParams(Decimal(2), Decimal(4), WorkingType.MARK_PRICE, price_protect=False)
"""For a position whose strategy was removed while it was open and for which no other policy says anything."""


class Protection(StrEnum):
    FLAT = "flat"
    PROTECTED = "protected"
    UNPROTECTED = "unprotected"
    CLOSING = "closing"
    WATCHED_ONLY = "watched_only"


class _ThroughTrigger(Exception):
    """The venue refused a conditional order because its trigger is already met."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """One protective order that the position should have."""

    purpose: Purpose
    trigger: Decimal
    intent: Callable[[int], OrderIntent]


@dataclass(frozen=True, slots=True)
class Protect:
    ledger: Ledger
    orders: Orders
    instruments: Instruments
    params: ParamsSource
    place: PlaceOrder
    cancel: CancelOrder
    close: ClosePosition
    resolve: ResolveUnconfirmed
    notifier: TellLater
    tell: TellOfPosition
    clock: Clock
    meter: Meter

    def __call__(self, account: Account, symbol: Symbol, side: PositionSide) -> Protection:
        """Bring the stop and the target of one position to what they should be. Doing it again changes nothing."""
        with self.notifier.after_this():
            return self._see_to(account, symbol, side)

    def _see_to(self, account: Account, symbol: Symbol, side: PositionSide) -> Protection:
        slot = self.ledger.slot(account.id, symbol, side)
        position = slot.position
        if position is None:
            return Protection.FLAT
        params = protection_of(position, self.params.current())
        if params is None:
            return Protection.WATCHED_ONLY
        instrument = self.instruments.get(account.venue, symbol)
        if instrument is None:
            self.tell.no_stop(position, "the symbol's trading rules are not known, so no stop can be placed")
            return Protection.UNPROTECTED
        try:
            return self._protect(account, position, slot.ladder, params, instrument)
        except _ThroughTrigger as through:
            # The exit may be refused as well, or not arrive: until it has filled the position counts as without a stop.
            self._start_counting(position)
            self.close(account, position, str(through))
            return Protection.CLOSING

    def _protect(
        self,
        account: Account,
        position: Position,
        ladder: Ladder | None,
        params: ProtectionParams,
        instrument: Instrument,
    ) -> Protection:
        trigger = wanted_stop(position, ladder, params, instrument)
        wish = _Wish(Purpose.STOP_LOSS, trigger, lambda n: stop_intent(position, trigger, params, n))
        stop = self._fulfil(account, position, instrument, wish, position.stop_order)
        if stop is None:
            self.tell.no_stop_yet(position)
            self._start_counting(position)
            return Protection.UNPROTECTED
        if not self._note(position, Purpose.STOP_LOSS, stop):
            return self._came_too_late(account, position, stop)
        self._retire(account, position.stop_order, stop)
        goal = wanted_target(position, ladder, params, instrument)
        wish = _Wish(Purpose.TAKE_PROFIT, goal, lambda n: target_intent(position, goal, params, n))
        target = self._fulfil(account, position, instrument, wish, position.target_order)
        if target is not None:
            if not self._note(position, Purpose.TAKE_PROFIT, target):
                return self._came_too_late(account, position, target)
            self._retire(account, position.target_order, target)
        self.tell.has_its_stop(position)
        return Protection.PROTECTED

    def _fulfil(
        self,
        account: Account,
        position: Position,
        instrument: Instrument,
        wish: _Wish,
        current: ClientOrderId | None,
    ) -> Order | None:
        """The order that fulfils ``wish``, standing at the venue; None when none could be confirmed."""
        standing = self.orders.get(account.id, current) if current is not None else None
        if standing is not None and _fulfils(standing, wish, position):
            return standing
        for generation in (*range(GENERATIONS), self.clock.now_ms() // 60_000):
            intent = wish.intent(generation)
            if generation >= GENERATIONS:
                self._tell_refused(position, intent, f"{GENERATIONS} orders for the same trigger have ended")
            known = self.orders.get(account.id, intent.client_order_id)
            if known is None or known.was_never_sent:
                return self._place(account, position, instrument, intent)
            if known.state.is_final or seems_never_arrived(known) or is_missing(known):
                continue
            answered = self.resolve.ask(account, known) if known.state in UNRESOLVED else known
            if not seems_never_arrived(answered):
                return answered if stands(answered) else None
            # Unlike an entry, a second stop does no harm: both close the same position, and reconciliation cancels the
            # one that the position does not name. To wait until the first counts as lost would leave the position
            # naked; so would asking about it again before each that follows it, which is left to reconciliation.
        return None

    def _place(self, account: Account, position: Position, instrument: Instrument, intent: OrderIntent) -> Order | None:
        approved = review_exit(intent, instrument, position, account.position_mode)
        if isinstance(approved, Refusal):
            self._tell_refused(position, intent, approved.reason)
            return None
        order = self.place.reduction(approved, account)
        if stands(order):
            return order
        if order.state is OrderState.REJECTED:
            if order.reason.startswith(WOULD_TRIGGER):
                raise _ThroughTrigger(f"the price is already through the {intent.purpose.replace('_', ' ')}")
            if order.reason.startswith(ONE_CLOSING_ORDER_ONLY) and intent.close_position:
                return self._place(account, position, instrument, _for_quantity(intent, position))
            self._tell_refused(
                position, intent, f"the venue rejected the {intent.purpose.replace('_', ' ')}: {order.reason}"
            )
        return None

    def _tell_refused(self, position: Position, intent: OrderIntent, message: str) -> None:
        tell = self.tell.no_target if intent.purpose is Purpose.TAKE_PROFIT else self.tell.no_stop
        tell(position, message)

    def _came_too_late(self, account: Account, position: Position, order: Order) -> Protection:
        """The position closed while ``order`` was placed for it, and whoever tidied up could not know of it: left
        standing, it would close the next position. Where that is there already, it is the one to protect."""
        standing = self.orders.get(account.id, order.client_order_id)
        if standing is not None and not standing.state.is_final:
            self.cancel(account, standing)
        return self(account, position.symbol, position.side)

    def _note(self, position: Position, purpose: Purpose, order: Order) -> bool:
        """Write down which order protects the position. False when the position is another one or gone by now."""
        for _ in range(ATTEMPTS):
            slot = self.ledger.slot(position.account, position.symbol, position.side)
            if slot.position is None or slot.position.id != position.id:
                return False
            noted = self._noted(slot.position, purpose, order)
            if noted == slot.position:
                return True
            entry = LedgerEntry(slot, slot.with_position(noted))
            if self.ledger.write(entry) is WriteOutcome.WRITTEN:
                self._observe(slot, noted)
                return True
        raise LostTooManyRaces(f"slot {position.symbol} {position.side} kept changing while a stop was noted")

    def _noted(self, position: Position, purpose: Purpose, order: Order) -> Position:
        if purpose is Purpose.TAKE_PROFIT:
            return replace(position, target_order=order.client_order_id, target_price=order.intent.stop_price)
        stopped = replace(position, stop_order=order.client_order_id, stop_price=order.intent.stop_price)
        if position.unprotected_since_ms is None:
            return stopped
        return replace(
            stopped,
            unprotected_since_ms=None,
            protected_at_ms=self.clock.now_ms(),
        )

    def _start_counting(self, position: Position) -> None:
        """From now on the position is without a stop, unless the one that could not be replaced still stands."""
        standing = self.orders.get(position.account, position.stop_order) if position.stop_order is not None else None
        if standing is not None and stands(standing):
            return
        for _ in range(ATTEMPTS):
            slot = self.ledger.slot(position.account, position.symbol, position.side)
            found = slot.position
            if found is None or (found.id, found.stop_order) != (position.id, position.stop_order):
                return
            if found.unprotected_since_ms is not None:
                return
            naked = replace(found, unprotected_since_ms=self.clock.now_ms())
            if self.ledger.write(LedgerEntry(slot, slot.with_position(naked))) is WriteOutcome.WRITTEN:
                return
        raise LostTooManyRaces(f"slot {position.symbol} {position.side} kept changing while its stop was missed")

    def _observe(self, slot: Slot, noted: Position) -> None:
        before = slot.position
        if before is None or before.unprotected_since_ms is None or noted.protected_at_ms is None:
            return
        naked_ms = max(0, noted.protected_at_ms - before.unprotected_since_ms)
        self.meter.observe("protected_within", naked_ms)
        logger.info(
            "position_protected",
            extra={
                "account": noted.account,
                "symbol": noted.symbol,
                "side": noted.side.value,
                "position": noted.id,
                "unprotected_for_ms": naked_ms,
            },
        )

    def _retire(self, account: Account, previous: ClientOrderId | None, current: Order) -> None:
        """Cancel the order that ``current`` replaced. Only after ``current`` was seen to stand, and unless somebody who
        looked at the same moment has made it the position's again."""
        if previous is None or previous == current.client_order_id:
            return
        intent = current.intent
        position = self.ledger.slot(account.id, intent.symbol, intent.position_side).position
        if position is not None and previous in (position.stop_order, position.target_order):
            return
        old = self.orders.get(account.id, previous)
        if old is not None and not old.state.is_final:
            self.cancel(account, old)


def protection_of(position: Position, params: Parameters) -> ProtectionParams | None:
    """The owner strategy's distances; for what has no owner, the policy for external positions (None: only watch)."""
    if position.strategy is None:
        return params.globals.external.protection
    strategy = params.strategies.get(position.strategy)
    symbol_params = strategy.symbols.get(position.symbol) if strategy is not None else None
    if symbol_params is not None:
        return symbol_params.protection
    return params.globals.external.protection or ORPHAN_PROTECTION


def stands(order: Order) -> bool:
    """The venue has confirmed the order, it has not ended, and it is not missing."""
    return order.state in CONFIRMED and not is_missing(order)


def _fulfils(order: Order, wish: _Wish, position: Position) -> bool:
    """It stands, at the right trigger, for the whole position: one for a fixed quantity is outgrown by a later fill."""
    whole = order.intent.close_position or order.intent.quantity == position.quantity
    return stands(order) and whole and order.intent.stop_price == wish.trigger


def _for_quantity(intent: OrderIntent, position: Position) -> OrderIntent:
    """The same order for a fixed quantity, for venues that admit one closing order per direction."""
    return replace(
        intent,
        client_order_id=client_order_id(intent.purpose.letter, intent.client_order_id, position.quantity),
        close_position=False,
        quantity=position.quantity,
    )
