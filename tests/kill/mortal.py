"""The real adapters, with places between their calls where the process can be made to die.

Death is SIGKILL to oneself: no handler, no ``finally``, no flushed buffer.
"""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs

import httpx
from tests.kill.calls import Calls, WatchedTransport

from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.venue import AsterVenue
from undertow.adapters.dynamo.ledger import DynamoLedger
from undertow.adapters.dynamo.repositories import DynamoOrders
from undertow.adapters.dynamo.store import DynamoStore
from undertow.domain.account import Account
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import Venue
from undertow.domain.order import Order, OrderState, Purpose
from undertow.domain.outcome import CancelOutcome, SubmitOutcome
from undertow.domain.position import Position
from undertow.ports import ClaimOutcome, Clock, EntryClaim, LedgerEntry, WriteOutcome
from undertow.risk.approval import ApprovedOrder


class Point(StrEnum):
    """Where a function process may die, in the order in which it comes by."""

    BEFORE_CLAIM = "before the claim"
    AFTER_CLAIM = "after the claim"
    ENTRY_TAKEN = "after the entry's POST was taken"
    ENTRY_ANSWERED = "after the response"
    ENTRY_RECORDED = "after the entry was recorded"
    BEFORE_BOOKING = "before the fill is booked"
    BEFORE_PROTECTION = "before protection"
    STOP_INTENDED = "after the stop was written down"
    STOP_TAKEN = "after the stop's POST was taken"
    STOP_ANSWERED = "after the response to the stop"
    STOP_RECORDED = "after the stop was recorded"
    BETWEEN_STOP_AND_TARGET = "between stop and target"
    TARGET_INTENDED = "after the target was written down"
    TARGET_TAKEN = "after the target's POST was taken"
    TARGET_RECORDED = "after the target was recorded"
    BETWEEN_NEW_AND_OLD_STOP = "between the new stop and the end of the old one"


_INTENDED: Final = {Purpose.STOP_LOSS: Point.STOP_INTENDED, Purpose.TAKE_PROFIT: Point.TARGET_INTENDED}
_TAKEN: Final = {"e": Point.ENTRY_TAKEN, "s": Point.STOP_TAKEN, "t": Point.TARGET_TAKEN}
_ANSWERED: Final = {Purpose.ENTRY: Point.ENTRY_ANSWERED, Purpose.STOP_LOSS: Point.STOP_ANSWERED}
_RECORDED: Final = {
    Purpose.ENTRY: Point.ENTRY_RECORDED,
    Purpose.STOP_LOSS: Point.STOP_RECORDED,
    Purpose.TAKE_PROFIT: Point.TARGET_RECORDED,
}


@dataclass(frozen=True, slots=True)
class Death:
    """Waits at one point, or nowhere."""

    at: Point | None = None

    def may_come(self, point: Point | None) -> None:
        if point is not None and point is self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalLedger(DynamoLedger):
    def __init__(self, store: DynamoStore, clock: Clock, death: Death) -> None:
        super().__init__(store, clock)
        self._death = death

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        self._death.may_come(Point.BEFORE_CLAIM)
        outcome = super().claim(claim)
        self._death.may_come(Point.AFTER_CLAIM)
        return outcome

    def write(self, entry: LedgerEntry) -> WriteOutcome:
        books = entry.fill is not None
        if books:
            self._death.may_come(Point.BEFORE_BOOKING)
        outcome = super().write(entry)
        if books:
            self._death.may_come(Point.BEFORE_PROTECTION)
        if _stop_of(entry.slot_after.position) != _stop_of(entry.slot_before.position):
            self._death.may_come(Point.BETWEEN_STOP_AND_TARGET)
        return outcome


def _stop_of(position: Position | None) -> ClientOrderId | None:
    return position.stop_order if position is not None else None


class MortalOrders(DynamoOrders):
    def __init__(self, store: DynamoStore, death: Death) -> None:
        super().__init__(store)
        self._death = death

    def add(self, order: Order) -> bool:
        added = super().add(order)
        self._death.may_come(_INTENDED.get(order.intent.purpose))
        return added

    def update(self, order: Order) -> bool:
        updated = super().update(order)
        if order.state is not OrderState.IN_FLIGHT:
            self._death.may_come(_RECORDED.get(order.intent.purpose))
        return updated


class MortalTransport(WatchedTransport):
    """Dies when the venue has answered and nobody here has read it yet."""

    def __init__(self, death: Death, calls: Calls, local_address: str | None) -> None:
        super().__init__(calls, local_address)
        self._death = death

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method == "POST" and request.url.path.endswith("/order"):
            (order,) = parse_qs(request.content.decode())["newClientOrderId"]
            self._death.may_come(_TAKEN.get(order.split("-")[1]))
        return response


class MortalVenue(AsterVenue):
    def __init__(self, account: AccountId, connection: AsterConnection, death: Death) -> None:
        super().__init__(account, connection)
        self._death = death

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        outcome = super().submit(order)
        self._death.may_come(_ANSWERED.get(order.intent.purpose))
        return outcome

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        if order.startswith(f"ut-{Purpose.STOP_LOSS.letter}-"):
            self._death.may_come(Point.BETWEEN_NEW_AND_OLD_STOP)
        return super().cancel(symbol, order)


@dataclass(frozen=True, slots=True)
class OneAccount:
    """``Venues`` of a process that serves one account."""

    connection: AsterConnection
    venue: MortalVenue

    def trading(self, account: Account) -> MortalVenue:
        return self.venue

    def market_data(self, venue: Venue) -> AsterMarketData:
        return AsterMarketData(self.connection)


BEFORE_A_POSITION: Final[Sequence[Point]] = tuple(Point)[:5]
"""In the function that evaluates."""
WITH_A_POSITION: Final[Sequence[Point]] = tuple(Point)[5:15]
"""In the function that follows the account."""
