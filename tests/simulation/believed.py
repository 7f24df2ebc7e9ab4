"""What we hold for true is true at the venue: how orders ended, what positions were set to, which stop stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from tests.simulation.history import Operation
from tests.simulation.journal import Written
from tests.simulation.market_truth import LegKey, MarketTruth
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.adapters.paper.events import Execution, Leg, OrderEvent, Status
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.ids import ClientOrderId
from undertow.domain.market import PositionSide
from undertow.domain.order import UNRESOLVED, Order, OrderState
from undertow.domain.position import Position, Slot

MEMORY_MS: Final = 240_000
"""How old a reading may be on which a position is set: two passes of reconciliation, and slow ones."""
_BY_THE_VENUE: Final = (CorrectionReason.ADOPTED, CorrectionReason.QUANTITY, CorrectionReason.CLOSED_OUTSIDE)
_GIVEN_UP: Final = (OrderState.REJECTED, OrderState.ABANDONED)
_ENDED: Final = {
    OrderState.FILLED: (Status.FILLED,),
    OrderState.CANCELED: (Status.CANCELED, Status.EXPIRED),
    OrderState.EXPIRED: (Status.CANCELED, Status.EXPIRED),
    OrderState.REJECTED: (Status.REJECTED,),
    OrderState.ABANDONED: (Status.REJECTED,),
}


@dataclass(slots=True)
class Believed:
    universe: Universe
    truth: MarketTruth
    found: list[Violation] = field(default_factory=list)
    _booked_until_ms: dict[LegKey, int] = field(default_factory=dict)
    """By the venue's legs."""

    def begin(self) -> None:
        self.universe.house.subscribe(self.hear)

    def note(self, written: Written, now_ms: int) -> list[Violation]:
        before, after = written.before, written.after
        if written.table == "orders" and after.state.is_final and (before is None or before.state is not after.state):
            return list(self._ended(after))
        if written.table == "corrections" and after.reason in _BY_THE_VENUE:
            return list(self._set(after, now_ms))
        if written.table == "slots":
            return list(self._named(before, after))
        if written.table == "fills" and before is None:
            leg = Leg.BOTH if after.position_side is None else Leg(after.position_side.value)
            key = (after.account, after.symbol, leg)
            self._booked_until_ms[key] = max(self._booked_until_ms.get(key, 0), after.time_ms)
        return []

    def _named(self, before: Slot | None, after: Slot) -> Iterator[Violation]:
        """A position names as its stop what the venue has confirmed, and nothing that may never have arrived."""
        was = before.position if before is not None else None
        name = after.position.stop_order if after.position is not None else None
        if name is None or (was is not None and was.stop_order == name):
            return
        known = self.universe.store.orders[after.account].get(name)
        if known is None or known.state in UNRESOLVED:
            told = "not on record" if known is None else known.state.value
            yield Violation("I4", f"{after.symbol} {after.side} counts on the stop {name}, which is {told}")

    def _ended(self, order: Order) -> Iterator[Violation]:
        """The venue is asked itself: its events come later than its answers."""
        known = self.universe.house.exchange.floor.orders.by_client_id(order.intent.account, order.client_order_id)
        if known and known[-1].status not in _ENDED[order.state]:
            yield Violation(
                "I13", f"{order.client_order_id} was recorded as {order.state}, at the venue it is {known[-1].status}"
            )

    def _set(self, correction: Correction, now_ms: int) -> Iterator[Violation]:
        """A position is set to what the venue held at some moment of late, and to nothing else: nor to what it held
        before a trade that is booked already. Of a hedge, a trade of one side says nothing of what the other held: its
        own may not be booked yet, and move what was adopted when they are."""
        account, symbol, side = correction.account, correction.symbol, correction.side
        true = set[Decimal]()
        for leg in (Leg.BOTH, Leg(side.value)):
            concerned = Leg if leg is Leg.BOTH else (Leg.BOTH, leg)
            booked = [self._booked_until_ms.get((account, symbol, one), 0) for one in concerned]
            since_ms = max(now_ms - MEMORY_MS, *booked)
            true |= {_of_side(amount, side) for amount in self.truth.held_since(account, symbol, leg, since_ms)}
        if correction.after not in true:
            told = ", ".join(str(one) for one in sorted(true))
            yield Violation("I6", f"{symbol} {side} was set to {correction.after}, the venue had {told}")

    # --- what the venue tells ---------------------------------------------------------------------------------------

    def hear(self, event: object) -> None:
        if not isinstance(event, OrderEvent) or event.client_order_id[:3] != "ut-":
            return
        order = self.universe.store.orders[event.account].get(ClientOrderId(event.client_order_id))
        if order is None:
            return
        if event.execution is Execution.NEW:
            self._arrived(order)
        elif event.execution is Execution.CANCELED and event.client_order_id.startswith("ut-s-"):
            self._stop_canceled(order, event)

    def _arrived(self, order: Order) -> None:
        name, position = order.client_order_id, self._position_of(order)
        if order.state in _GIVEN_UP:
            self.found.append(Violation("I13", f"{name} arrived at the venue after it was recorded as {order.state}"))
        if name.startswith("ut-t-") and position is not None and position.stop_order is None:
            self.found.append(Violation("I4", f"the target {name} was placed before its position had a stop"))

    def _stop_canceled(self, order: Order, event: OrderEvent) -> None:
        """A position's own stop is never cancelled by us: the next one stands, and is the position's, before."""
        position = self._position_of(order)
        if position is None or position.stop_order != order.client_order_id or not self._asked_for(order):
            return
        if self.truth.amounts[event.account, event.symbol, event.leg] != 0:
            self.found.append(Violation("I4", f"the stop {order.client_order_id} was cancelled before another stood"))

    def _position_of(self, order: Order) -> Position | None:
        intent = order.intent
        position = self.universe.store.slot(intent.account, intent.symbol, intent.position_side).position
        return position if position is not None and position.id == intent.position_id else None

    def _asked_for(self, order: Order) -> bool:
        return any(
            isinstance(one, Operation) and one.kind == "cancel" and one.client_order_id == order.client_order_id
            for one in reversed(self.universe.history[-200:])
        )


def _of_side(amount: Decimal, side: PositionSide) -> Decimal:
    return max(amount * side.sign, Decimal(0))
