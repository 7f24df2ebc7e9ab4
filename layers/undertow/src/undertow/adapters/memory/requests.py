"""Requests of people, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.ids import AccountId
from undertow.domain.request import OperatorRequest, RequestId
from undertow.ports.places import Place, beyond
from undertow.ports.requests import place_of_request


@dataclass(frozen=True, slots=True)
class MemoryRequests:
    store: MemoryStore

    def get(self, account: AccountId, request: RequestId) -> OperatorRequest | None:
        with self.store.lock:
            return self.store.requests[account].get(request)

    def add(self, request: OperatorRequest) -> bool:
        with self.store.lock:
            known = self.store.requests[request.account]
            if request.id in known:
                return False
            known[request.id] = request
            return True

    def update(self, request: OperatorRequest) -> bool:
        with self.store.lock:
            known = self.store.requests[request.account].get(request.id)
            if known is None or known.version != request.version - 1:
                return False
            self.store.requests[request.account][request.id] = request
            return True

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[OperatorRequest]:
        with self.store.lock:
            found = [one for one in self.store.requests[account].values() if from_ms <= one.asked_at_ms <= to_ms]
        return beyond(sorted(found, key=place_of_request, reverse=True), place_of_request, after, limit)

    def unfinished(self, account: AccountId, since_ms: int) -> Sequence[OperatorRequest]:
        with self.store.lock:
            living = [one for one in self.store.requests[account].values() if not one.state.is_final]
        return sorted((one for one in living if one.asked_at_ms >= since_ms), key=lambda one: (one.asked_at_ms, one.id))
