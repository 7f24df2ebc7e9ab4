"""Follow-ups held in a list until they are due."""

import heapq
from dataclasses import dataclass, field
from itertools import count

from undertow.domain.follow_up import FollowUp
from undertow.ports import LONGEST_DELAY_S, Clock


@dataclass(slots=True)
class ListFollowUps:
    """Delivers by ``due``, at the earliest when the clock says so; like the queue, it promises no more than that."""

    clock: Clock
    _waiting: list[tuple[int, int, FollowUp]] = field(default_factory=list)
    _sequence: "count[int]" = field(default_factory=count)

    def schedule(self, follow_up: FollowUp, delay_s: int) -> None:
        if not 0 <= delay_s <= LONGEST_DELAY_S:
            raise ValueError(f"a follow-up can be delayed by 0 to {LONGEST_DELAY_S} s, not {delay_s} s")
        heapq.heappush(self._waiting, (self.clock.now_ms() + delay_s * 1000, next(self._sequence), follow_up))

    def due(self) -> list[FollowUp]:
        """Take out what is due, in the order in which it fell due."""
        now_ms = self.clock.now_ms()
        taken = []
        while self._waiting and self._waiting[0][0] <= now_ms:
            taken.append(heapq.heappop(self._waiting)[2])
        return taken

    def next_due_ms(self) -> int | None:
        return self._waiting[0][0] if self._waiting else None

    def waiting(self) -> list[FollowUp]:
        """Everything not yet taken, in the order in which it falls due; nothing is taken out."""
        return [follow_up for _, _, follow_up in sorted(self._waiting, key=lambda item: item[:2])]
