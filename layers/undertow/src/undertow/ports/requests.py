"""What people ask of open positions, kept before anything is done about it."""

from collections.abc import Sequence
from typing import Protocol

from undertow.domain.ids import AccountId
from undertow.domain.request import OperatorRequest, RequestId
from undertow.ports.places import Place


class Requests(Protocol):
    """Nothing is ever removed."""

    def get(self, account: AccountId, request: RequestId) -> OperatorRequest | None:
        """Consistent."""
        ...

    def add(self, request: OperatorRequest) -> bool:
        """False, and nothing written, when the id is taken."""
        ...

    def update(self, request: OperatorRequest) -> bool:
        """Store ``request`` if the stored version is ``request.version - 1``."""
        ...

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[OperatorRequest]:
        """By when they were asked, newest first; both ends included. May lag behind by a second."""
        ...

    def unfinished(self, account: AccountId, since_ms: int) -> Sequence[OperatorRequest]:
        """Those asked since then that have not ended, oldest first. May lag behind by a second."""
        ...


def place_of_request(request: OperatorRequest) -> Place:
    return Place(request.asked_at_ms, request.id)
