"""The stream of a table as the function meets it that reads it: rows as they were written, in the order of their key.

It is kept in a queue: a row comes again until it was handled, for a minute at most, and with it all that came after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tests.simulation.queues import Message, Queue

from undertow.adapters.dynamo import keys
from undertow.adapters.memory import SettableClock
from undertow.domain.ids import AccountId
from undertow.domain.request import OperatorRequest
from undertow.ports import Requests

RETRY_MS: Final = 1_000
"""Lambda reads on at once where a batch failed or its function died, a little later each time."""
LAG_MS: Final = 1_000
AGAIN: Final = 0.15
"""How often a row is handed over twice though it was handled: who read it did not come to say so."""
LAGS: Final = 0.3
"""How often a list is read while its index is behind."""


def rows_queue() -> Queue:
    """As the template has it: five more attempts, within a minute."""
    return Queue("requests", True, 30_000, 6, 60_000)


def row_record(message: Message) -> dict[str, Any]:
    pk, sk = message.body.split(" ", 1)
    change = {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "SequenceNumber": str(message.number)}
    return {"eventID": str(message.number), "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change}


def first_failed_on(messages: Sequence[Message], failed: frozenset[str]) -> Sequence[Message]:
    """What is handed out again: the first row that failed, and every one after it."""
    numbers = [str(message.number) for message in messages]
    first = min((numbers.index(number) for number in failed if number in numbers), default=len(messages))
    return messages[first:]


@dataclass(slots=True)
class StreamedRequests:
    """Implements ``ports.Requests``: a row that is new is in the stream, whatever becomes of who wrote it."""

    kept: Requests
    rows: Queue
    clock: SettableClock
    random: Random
    poke: Any
    _known: dict[AccountId, list[tuple[int, Sequence[OperatorRequest]]]] = field(default_factory=dict)

    def __getattr__(self, method: str) -> Any:
        return getattr(self.kept, method)

    def add(self, request: OperatorRequest) -> bool:
        if not self.kept.add(request):
            return False
        pk, now_ms = keys.requests(request.account), self.clock.at_ms
        self.rows.send(f"{pk} {request.id}", pk, request.id, now_ms)
        if self.random.random() < AGAIN:
            self.rows.send(f"{pk} {request.id}", pk, f"{request.id} again", now_ms, self.random.randint(100, 20_000))
        self.poke(self.rows)
        return True

    def unfinished(self, account: AccountId, since_ms: int) -> Sequence[OperatorRequest]:
        """As it is, or as somebody saw it within the last second."""
        found, now_ms = self.kept.unfinished(account, since_ms), self.clock.at_ms
        seen = [one for one in self._known.get(account, ()) if now_ms - one[0] <= LAG_MS]
        self._known[account] = [*seen, (now_ms, found)]
        return self.random.choice(seen)[1] if seen and self.random.random() < LAGS else found
