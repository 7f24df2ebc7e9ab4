"""Counts of decisions by stretches of five minutes, remembered: what is over is read once, however often it is asked.

A busy account makes thousands of decisions a day. Each asking reads a bounded number of rows, newest first, and goes on
from where the last one ended; until it has come through, an answer says from when on it counts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import AccountId
from undertow.ports import Decisions

SLOT_MS: Final = 5 * 60_000
MOST_READ: Final = 3_000
"""Rows for one answer: some megabytes, and a second or two."""
KEPT_SLOTS: Final = 8_640
"""Thirty days of an account."""
SETTLED_MS: Final = 60_000
"""A decision is on record this long after it was made at the latest."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is counted apart."""

    outcome: Outcome
    gate: str
    symbol: str
    strategy: str


@dataclass(slots=True)
class Slot:
    start_ms: int
    counts: Counter[Kind] = field(default_factory=Counter)
    last_ms: dict[str, int] = field(default_factory=dict)
    """Of each gate, when it refused last."""

    def add(self, decision: Decision) -> None:
        gate = decision.gate if decision.outcome is Outcome.REFUSED else ""
        self.counts[Kind(decision.outcome, gate, decision.symbol, decision.strategy)] += 1
        self.last_ms[gate] = max(self.last_ms.get(gate, 0), decision.decided_at_ms)


@dataclass(slots=True)
class DecisionTally:
    _over: dict[AccountId, dict[int, Slot]] = field(default_factory=dict)

    def slots(
        self, decisions: Decisions, account: AccountId, from_ms: int, to_ms: int, now_ms: int
    ) -> tuple[list[Slot], int]:
        """Stretches of the range that are counted whole, and the time from which on none is missing."""
        over = self._over.setdefault(account, {})
        settled_ms = now_ms - SETTLED_MS
        found: list[Slot] = []
        left = MOST_READ
        for first_ms, last_ms, known in _stretches(over, from_ms, to_ms):
            if known is not None:
                found.append(known)
                continue
            if left <= 0:
                return found, last_ms + 1
            rows = decisions.recent(account, first_ms, last_ms, left)
            made = _counted(rows, first_ms, last_ms)
            if len(rows) >= left:
                reached_ms = rows[-1].decided_at_ms // SLOT_MS * SLOT_MS + SLOT_MS
                made = [slot for slot in made if slot.start_ms >= reached_ms]
                self._keep(over, made, settled_ms)
                return [*found, *made], max(from_ms, reached_ms)
            self._keep(over, made, settled_ms)
            found += made
            left -= len(rows)
        return found, from_ms

    def _keep(self, over: dict[int, Slot], made: list[Slot], settled_ms: int) -> None:
        over.update((slot.start_ms, slot) for slot in made if slot.start_ms + SLOT_MS <= settled_ms)
        for start_ms in sorted(over)[: max(0, len(over) - KEPT_SLOTS)]:
            del over[start_ms]


def _stretches(over: dict[int, Slot], from_ms: int, to_ms: int) -> Iterator[tuple[int, int, Slot | None]]:
    """Newest first: each known slot alone, and what is not known in stretches as long as they go."""
    first = from_ms // SLOT_MS
    number = to_ms // SLOT_MS
    while number >= first:
        known = over.get(number * SLOT_MS)
        if known is not None:
            yield number * SLOT_MS, number * SLOT_MS + SLOT_MS - 1, known
            number -= 1
            continue
        last = number
        while number >= first and number * SLOT_MS not in over:
            number -= 1
        yield (number + 1) * SLOT_MS, last * SLOT_MS + SLOT_MS - 1, None


def _counted(rows: Sequence[Decision], first_ms: int, last_ms: int) -> list[Slot]:
    """Every slot of the stretch, newest first; one in which nothing was decided is known too."""
    slots = {start_ms: Slot(start_ms) for start_ms in range(first_ms, last_ms, SLOT_MS)}
    for decision in rows:
        slots[decision.decided_at_ms // SLOT_MS * SLOT_MS].add(decision)
    return [slots[start_ms] for start_ms in sorted(slots, reverse=True)]
