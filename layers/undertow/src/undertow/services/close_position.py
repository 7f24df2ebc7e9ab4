"""Close a position at market, once per wish, in as many pieces as the venue's market size asks for."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.numbers import plain
from undertow.domain.order import UNRESOLVED, Order, OrderIntent, OrderState, OrderType, Purpose
from undertow.domain.position import Position
from undertow.ports import AlertLevel, Clock, Instruments, Notifier, NotScheduled, Orders
from undertow.risk.approval import Refusal
from undertow.risk.gate import review_exit
from undertow.services.place_order import PlaceOrder
from undertow.services.resolve_unconfirmed import ResolveUnconfirmed, is_missing, seems_never_arrived

logger = logging.getLogger(__name__)

MAX_PIECES: Final = 10
BOOKED_WITHIN_MS: Final = 3_000
"""How long the trades of an exit that has filled are waited for."""
MAX_ATTEMPTS: Final = 20
"""After so many exits that ended and left the position open a person is told, and one more is tried every minute."""


def _nothing(_intent: OrderIntent) -> None:
    """Nothing is to be written down beside the order."""


@dataclass(frozen=True, slots=True)
class ClosePosition:
    orders: Orders
    instruments: Instruments
    place: PlaceOrder
    resolve: ResolveUnconfirmed
    notifier: Notifier
    clock: Clock

    def __call__(
        self, account: Account, position: Position, reason: str, before: Callable[[OrderIntent], None] = _nothing
    ) -> tuple[Order, ...]:
        """Send the market orders that close ``position``; an exit that is under way already is not doubled.

        Dust below the venue's minimum is closed too: minimums apply to opening orders only. ``before`` is called with
        each order just before it is sent.
        """
        instrument = self.instruments.get(account.venue, position.symbol)
        if instrument is None:
            self._alert(position, "the symbol's trading rules are not known, so the position cannot be closed")
            return ()
        sent = []
        unasked: NotScheduled | None = None
        for piece, quantity in enumerate(_pieces(position.quantity, instrument)):
            try:
                order = self._send(account, position, instrument, piece, quantity, before)
            except NotScheduled as failure:
                # It has no answer, and nobody will ask about it soon: no reason to keep the rest of the position.
                unasked = failure
                continue
            if order is not None:
                sent.append(order)
        if sent:
            logger.warning(
                "position_closing",
                extra={
                    "account": account.id,
                    "symbol": position.symbol,
                    "side": position.side.value,
                    "reason": reason,
                    "orders": [order.client_order_id for order in sent],
                },
            )
        if unasked is not None:
            raise unasked
        return tuple(sent)

    def reduce(
        self,
        account: Account,
        position: Position,
        quantity: Decimal,
        cause: str,
        reason: str,
        before: Callable[[OrderIntent], None] = _nothing,
    ) -> Order | None:
        """Take ``quantity`` off ``position`` at market, once per ``cause``; more than a market order admits is cut.

        The whole position is closed like any other. None when nothing was sent.
        """
        if quantity >= position.quantity:
            sent = self(account, position, reason, before)
            return sent[0] if sent else None
        instrument = self.instruments.get(account.venue, position.symbol)
        part = instrument.market_quantity_below(quantity) if instrument is not None else Decimal(0)
        if instrument is None or part <= 0:
            self._alert(position, f"a part of {plain(quantity)} of the position cannot be closed")
            return None
        intent = replace(
            _exit_intent(position, part, piece=0, attempt=0),
            client_order_id=client_order_id(Purpose.EXIT.letter, position.account, position.id, "part", cause),
        )
        approved = review_exit(intent, instrument, position, account.position_mode)
        if isinstance(approved, Refusal):
            self._alert(position, approved.reason)
            return None
        logger.warning(
            "position_reducing",
            extra={"account": account.id, "symbol": position.symbol, "quantity": plain(part), "reason": reason},
        )
        before(intent)
        return self.place.reduction(approved, account)

    def asked(
        self, account: Account, position: Position, quantity: Decimal, cause: str, *, may_send: bool = True
    ) -> tuple[Order, ...] | Refusal:
        """Take ``quantity`` off because a person asked for it under the name ``cause``; return the orders that do it.

        Asked again it sends only what was never sent: an order of which nothing is known is waited for and not
        followed by another one, so that half of a position never becomes the whole of it. Without ``may_send`` it only
        looks at what became of those that there are.
        """
        instrument = self.instruments.get(account.venue, position.symbol)
        if instrument is None:
            return Refusal("no_instrument", "the symbol's trading rules are not known")
        orders = []
        for piece, part in enumerate(_pieces(quantity, instrument)):
            order_id = client_order_id(Purpose.EXIT.letter, position.account, position.id, "asked", cause, piece)
            known = self.orders.get(account.id, order_id)
            if known is not None and not known.was_never_sent:
                orders.append(self.resolve.ask(account, known) if known.state in UNRESOLVED else known)
                continue
            if not may_send:
                if known is not None:
                    orders.append(known)
                continue
            # What closes the rest is taken as it is, dust included; every other piece lies on the venue's grid.
            left = min(part, position.quantity)
            left = left if quantity >= position.quantity else instrument.market_quantity_below(left)
            if left <= 0:
                continue
            intent = replace(_exit_intent(position, left, piece, attempt=0), client_order_id=order_id)
            approved = review_exit(intent, instrument, position, account.position_mode)
            if isinstance(approved, Refusal):
                return approved
            orders.append(self.place.reduction(approved, account))
        return tuple(orders)

    def _send(
        self,
        account: Account,
        position: Position,
        instrument: Instrument,
        piece: int,
        quantity: Decimal,
        before: Callable[[OrderIntent], None],
    ) -> Order | None:
        for attempt in (*range(MAX_ATTEMPTS), self.clock.now_ms() // 60_000):
            if attempt >= MAX_ATTEMPTS:
                self._alert(position, f"{MAX_ATTEMPTS} market exits were sent and the position is still open")
            intent = _exit_intent(position, quantity, piece, attempt)
            existing = self.orders.get(account.id, intent.client_order_id)
            if existing is not None and not existing.state.is_final and not self._never_arrived(account, existing):
                return None
            if existing is not None and self._is_about_to_be_booked(existing):
                return None
            if existing is not None and not existing.was_never_sent:
                continue
            approved = review_exit(intent, instrument, position, account.position_mode)
            if isinstance(approved, Refusal):
                self._alert(position, approved.reason)
                return None
            before(intent)
            order = self.place.reduction(approved, account)
            if order.state is OrderState.REJECTED:
                self._alert(position, f"the venue rejected the market exit: {order.reason}")
            return order
        return None

    def _is_about_to_be_booked(self, order: Order) -> bool:
        """It filled a moment ago: another one would only be refused, and told to a person as an exit that failed."""
        return order.state is OrderState.FILLED and self.clock.now_ms() - order.updated_at_ms < BOOKED_WITHIN_MS

    def _never_arrived(self, account: Account, order: Order) -> bool:
        """Asked at once: a process that died before it sent an exit must not leave the position open until the exit
        counts as lost, nor for as long as a lost order is kept. Of one that the venue did not know then reconciliation
        asks again: the exit that follows it waits for no more answers."""
        if order.state not in UNRESOLVED:
            return is_missing(order)
        return seems_never_arrived(order) or seems_never_arrived(self.resolve.ask(account, order))

    def _alert(self, position: Position, message: str) -> None:
        self.notifier.alert(
            AlertLevel.CRITICAL,
            f"exit_failed#{position.account}#{position.symbol}#{position.side}",
            message,
            {"symbol": position.symbol, "side": position.side.value, "position": position.id},
        )


def _pieces(quantity: Decimal, instrument: Instrument) -> Iterator[Decimal]:
    # The venue's largest quantity need not lie on its own lot grid.
    largest = instrument.market_quantity_below(instrument.market_max_quantity) or quantity
    left = quantity
    for _ in range(MAX_PIECES - 1):
        if left <= largest:
            break
        yield largest
        left -= largest
    yield min(left, largest)


def _exit_intent(position: Position, quantity: Decimal, piece: int, attempt: int) -> OrderIntent:
    return OrderIntent(
        client_order_id=client_order_id(Purpose.EXIT.letter, position.account, position.id, piece, attempt),
        account=position.account,
        symbol=position.symbol,
        position_side=position.side,
        purpose=Purpose.EXIT,
        type=OrderType.MARKET,
        quantity=quantity,
        strategy=position.strategy,
        position_id=position.id,
        leverage=position.leverage,
    )
