"""The venue of a container with a record of every order that was submitted through it."""

from typing import Any

from tests.simulation.gate import Gate
from tests.simulation.universe import Universe

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.ids import AccountId
from undertow.domain.outcome import SubmitOutcome
from undertow.risk.approval import ApprovedOrder


class RecordedVenue:
    """Everything goes to ``venue``; submits are noted before and after."""

    def __init__(self, venue: AsterVenue, account: AccountId, universe: Universe, gate: Gate) -> None:
        self._venue, self._account, self._universe, self._gate = venue, account, universe, gate

    def __getattr__(self, method: str) -> Any:
        return getattr(self._venue, method)

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        return self._venue.submit(order)
