"""The venue of a container with a record of every order that was submitted through it."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from tests.simulation.gate import Gate
from tests.simulation.history import Operation, told
from tests.simulation.universe import Universe

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.outcome import CancelOutcome, SubmitOutcome, VenueUnreachable
from undertow.risk.approval import ApprovedOrder

Answer = TypeVar("Answer", SubmitOutcome, CancelOutcome)


class RecordedVenue:
    """Everything goes to ``venue``; submits and cancels are noted before and after."""

    def __init__(self, venue: AsterVenue, account: AccountId, universe: Universe, gate: Gate) -> None:
        self._venue, self._account, self._universe, self._gate = venue, account, universe, gate

    def __getattr__(self, method: str) -> Any:
        return getattr(self._venue, method)

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        return self._noted("submit", order.intent.client_order_id, lambda: self._venue.submit(order))

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        return self._noted("cancel", order, lambda: self._venue.cancel(symbol, order))

    def _noted(self, kind: Literal["submit", "cancel"], order: ClientOrderId, ask: Callable[[], Answer]) -> Answer:
        """A process that dies meanwhile leaves the operation open: nobody ever heard how it ended."""
        operation = Operation(kind, self._account, order, self._universe.now_ms)
        self._universe.history.append(operation)
        try:
            answer = ask()
        except VenueUnreachable as never_sent:
            operation.was_never_sent = True
            operation.ended("fail", self._universe.now_ms, str(never_sent))
            raise
        operation.ended(told(answer), self._universe.now_ms, type(answer).__name__)
        return answer
