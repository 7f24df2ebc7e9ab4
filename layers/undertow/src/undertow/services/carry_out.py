"""Do what a person asked of a position: begin it once, with its figures fixed, and go on until it has ended.

Whoever takes a request up again goes on with the same figures and the same order ids, so that nothing is done twice.
"""

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import Order, OrderState
from undertow.domain.outcome import VenueUnreachable
from undertow.domain.position import Slot
from undertow.domain.request import LONGEST_WAIT_MS, OperatorRequest, RequestId, RequestKind, RequestState
from undertow.ports import Clock, Ledger, Meter, Requests, Venues
from undertow.risk.approval import Refusal
from undertow.services.close_position import ClosePosition
from undertow.services.hold_layers import HoldLayers
from undertow.services.move_stop import MoveStop
from undertow.services.one_by_one import OneByOne
from undertow.services.read_request import Meant, ReadRequest

logger = logging.getLogger(__name__)

LOOK_BACK_MS: Final = 7 * 86_400_000
"""A request that nobody began for longer than this was refused long ago, or will be when somebody looks at it."""
UNKNOWN: Final = frozenset({OrderState.IN_FLIGHT, OrderState.UNCONFIRMED})
NOT_SENT: Final = "it could not be sent within a minute: look again and ask again"
NOTHING_THERE: Final = frozenset({OrderState.LOST, OrderState.REJECTED, OrderState.ABANDONED})


@dataclass(frozen=True, slots=True)
class Ended:
    state: RequestState
    reason: str
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class CarryOut:
    ledger: Ledger
    requests: Requests
    venues: Venues
    read: ReadRequest
    close: ClosePosition
    move_stop: MoveStop
    hold_layers: HoldLayers
    clock: Clock
    meter: Meter

    def __call__(self, account: Account, request_id: RequestId) -> OperatorRequest | None:
        """Carry the request out, or as much of it as can be done now; return it as it then stands.

        Raises what the venue's calls raise: the request is then taken up again, by its message or by the schedule.
        """
        request = self.requests.get(account.id, request_id)
        if request is None or request.state.is_final:
            return request
        slot = self.ledger.slot(account.id, request.symbol, request.side)
        if request.begun_at_ms is None:
            begun = self._begin(account, request, slot)
            if begun is None or begun.state.is_final:
                return begun
            request = begun
        ended = self._act(account, request, slot)
        return request if ended is None else self._end(request, ended)

    def left_over(self, account: Account) -> None:
        """Take up what nobody carried out: its message was lost, or its end was not known yet."""
        with OneByOne(logger) as each:
            for request in self.requests.unfinished(account.id, self.clock.now_ms() - LOOK_BACK_MS):
                with each.attempt("request_not_finished", account=account.id, request=request.id):
                    self(account, request.id)

    def _begin(self, account: Account, request: OperatorRequest, slot: Slot) -> OperatorRequest | None:
        """Fix what it comes to, by the position and the price as they are now, before anything is sent.

        Returns the request as somebody else has begun it, when somebody was faster.
        """
        now_ms = self.clock.now_ms()
        if request.is_stale(now_ms):
            return self._end(request, _refused("it was not begun within a minute: look again and ask again"))
        meant = self.read(account, request, slot, self._mark(account, request))
        if isinstance(meant, Refusal):
            return self._end(request, _refused(meant.reason))
        if meant.grows_by > 0 and not request.confirmed:
            return self._end(request, _refused("by now it would add risk, and that was not confirmed"))
        begun = _begun(request, meant, slot, now_ms)
        if self.requests.update(begun):
            return begun
        return self.requests.get(account.id, request.id)

    def _mark(self, account: Account, request: OperatorRequest) -> Decimal | None:
        """The price nearest to the stop, asked of the venue now: the page's may be a minute old.

        Stops are triggered by the mark or by the last price; one that would trigger closes the position at market.
        """
        if not request.kind.moves_the_stop:
            return None
        data = self.venues.market_data(account.venue)
        mark, book = data.fetch_mark_price(request.symbol).price, data.fetch_best_prices(request.symbol)
        return min(mark, book.bid) if request.side is PositionSide.LONG else max(mark, book.ask)

    def _act(self, account: Account, request: OperatorRequest, slot: Slot) -> Ended | None:
        """None while its end is not known yet."""
        there = slot.position is not None and slot.position.id == request.position
        match request.kind:
            case RequestKind.CLOSE:
                return self._close(account, request, slot)
            case RequestKind.STOP | RequestKind.BREAK_EVEN if there:
                told = self.move_stop(account, request)
                if isinstance(told, Refusal):
                    return _refused(told.reason)
                return None if told is None else Ended(RequestState.DONE, told)
            case RequestKind.FREEZE_LAYERS | RequestKind.UNFREEZE_LAYERS if there:
                return Ended(RequestState.DONE, self.hold_layers(account, request))
            case _:
                return _refused("the position was closed before it was done")

    def _close(self, account: Account, request: OperatorRequest, slot: Slot) -> Ended | None:
        position, quantity = slot.position, request.quantity
        if quantity is None:
            return _refused("the request does not say how much to close")
        if position is None or position.id != request.position:
            return Ended(RequestState.DONE, "the position is closed")
        is_late = self._too_late(request)
        orders = self.close.asked(account, position, quantity, request.id, may_send=not is_late)
        if isinstance(orders, Refusal):
            return _refused(orders.reason)
        if any(order.state in UNKNOWN for order in orders):
            return None
        unsent = [order for order in orders if order.was_never_sent]
        if unsent and not is_late:
            raise VenueUnreachable(f"request {request.id}: {unsent[0].reason}")
        return _closed(orders) if orders else _refused(NOT_SENT)

    def _too_late(self, request: OperatorRequest) -> bool:
        """What could not be sent for so long is not sent any more: the person saw another market."""
        return self.clock.now_ms() - request.asked_at_ms > LONGEST_WAIT_MS

    def _end(self, request: OperatorRequest, ended: Ended) -> OperatorRequest | None:
        orders = tuple(order.client_order_id for order in ended.orders)
        after = request.ended(ended.state, self.clock.now_ms(), ended.reason, orders)
        if not self.requests.update(after):
            return self.requests.get(request.account, request.id)
        self.meter.count(f"requests_{ended.state.value}")
        logger.info(
            "request_ended",
            extra={
                "request": request.id,
                "account": request.account,
                "what": request.describe(),
                "state": ended.state.value,
                "reason": ended.reason,
                "orders": list(orders),
            },
        )
        return after


def _begun(request: OperatorRequest, meant: Meant, slot: Slot, now_ms: int) -> OperatorRequest:
    before = slot.position.trailed_stop if slot.position is not None else None
    if meant.stop is None:
        held_ms = slot.ladder.held_at_ms if slot.ladder is not None else None
        return request.begun(now_ms, quantity=meant.quantity, held_before_ms=held_ms)
    return request.begun(now_ms, stop_price=meant.stop.price, stop_before=before)


def _refused(reason: str) -> Ended:
    return Ended(RequestState.REFUSED, reason)


def _closed(orders: tuple[Order, ...]) -> Ended:
    """By what the venue says of the exits: accepted or filled is done, one that it never had is not."""
    failed = [order for order in orders if order.state in NOTHING_THERE]
    taken = [order for order in orders if order.state not in NOTHING_THERE]
    sent = sum((order.intent.quantity or ZERO for order in taken), ZERO)
    missing = sum((order.intent.quantity or ZERO for order in failed), ZERO)
    unfilled = [order for order in taken if order.state.is_final and order.state is not OrderState.FILLED]
    if not taken or (len(unfilled) == len(taken) and all(order.filled_quantity == 0 for order in unfilled)):
        why = "; ".join(sorted({_why(order) for order in (*failed, *unfilled)}))
        return Ended(RequestState.REFUSED, f"nothing was closed: {why}", orders)
    reason = f"the venue took market exits for {plain(sent)}"
    if failed:
        reason += f", and not for {plain(missing)}: {_why(failed[0])}"
    return Ended(RequestState.DONE, reason, orders)


def _why(order: Order) -> str:
    if order.state is OrderState.LOST:
        return "the venue does not know the order; look at the position before you ask again"
    return order.reason or f"the order ended {order.state.value}"
