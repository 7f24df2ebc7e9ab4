"""Lists that are read from an index may be up to a second old."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tests.simulation.swarm import Swarm

from undertow.adapters.memory import MemoryStore, SettableClock
from undertow.domain.ids import AccountId, ClientOrderId
from undertow.domain.order import Order

LAG_MS: Final = 1_000
_LISTS: Final = {
    "fills": frozenset({"of_symbol", "recent"}),
    "decisions": frozenset({"recent"}),
    "ledger": frozenset({"closed_positions"}),
}
"""Served from earlier answers of the last second; the list of unfinished orders, which matters most, from history."""


class ObservedStore(MemoryStore):
    """Remembers for a second which orders were unfinished before each write."""

    def __init__(self, clock: SettableClock) -> None:
        super().__init__()
        self._clock = clock
        self._past: deque[tuple[int, AccountId, dict[ClientOrderId, Order]]] = deque()

    def put_order(self, order: Order) -> None:
        account = order.intent.account
        self._past.append((self._clock.at_ms, account, dict(self.unfinished[account])))
        super().put_order(order)

    def unfinished_at(self, account: AccountId, at_ms: int) -> dict[ClientOrderId, Order]:
        """Which orders were unfinished then. Further back than a second nothing is known."""
        while self._past and self._past[0][0] < self._clock.at_ms - LAG_MS:
            self._past.popleft()
        for time_ms, owner, before in self._past:
            if owner == account and time_ms > at_ms:
                return before
        return self.unfinished[account]


@dataclass(slots=True)
class StaleIndexes:
    """A repository whose lists answer with what they held a moment ago, where the port says that they may."""

    port: Any
    name: str
    store: ObservedStore
    clock: SettableClock
    swarm: Swarm
    random: Random
    _answers: dict[Any, "deque[tuple[int, Any]]"] = field(default_factory=dict)

    def __getattr__(self, method: str) -> Any:
        found = getattr(self.port, method)
        if self.name == "orders" and method == "unfinished":
            return self._unfinished
        if method in _LISTS.get(self.name, frozenset()):
            return lambda *args, **named: self._earlier(method, found, args, named)
        return found

    def _unfinished(self, account: AccountId) -> list[Order]:
        if not self.swarm.strikes("stale_index"):
            return list(self.port.unfinished(account))
        then = self.store.unfinished_at(account, self.clock.at_ms - self.random.randint(0, LAG_MS))
        return sorted(then.values(), key=lambda order: (order.created_at_ms, order.client_order_id))

    def _earlier(self, method: str, found: Any, args: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        now_ms = self.clock.at_ms
        asked = (method, *(one for one in args if isinstance(one, str)), *sorted(named.items()))
        kept = self._answers.setdefault(asked, deque(maxlen=24))
        while kept and kept[0][0] < now_ms - LAG_MS:
            kept.popleft()
        answer = found(*args, **named)
        kept.append((now_ms, answer))
        return self.random.choice(kept)[1] if self.swarm.strikes("stale_index") else answer
