"""How long it takes until all is well again, on the run's own time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.at_rest import check_at_rest
from tests.simulation.market_truth import MarketTruth
from tests.simulation.universe import Universe

from undertow.domain.ids import is_ours

WHILE_TRADING: Final = frozenset({"I6", "I7"})
"""What makes the ledger differ from the venue; the others need their time even without a fault."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds; all zero where nothing was measured."""

    count: int
    p50: int
    p99: int
    max: int


def spread(times_ms: Sequence[int]) -> Spread:
    """Nearest rank: a percentile is a time that was really measured."""
    ordered = sorted(times_ms)
    if not ordered:
        return Spread(0, 0, 0, 0)

    def rank(percent: int) -> int:
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    return Spread(len(ordered), rank(50), rank(99), ordered[-1])


def unprotected_ms(universe: Universe) -> list[int]:
    """How long each of our positions stood at the venue without a stop, as the venue saw it; what lasts counts as far.

    Spells of positions that others opened by hand are theirs until we have adopted them.
    """
    watch = universe.house.watch
    ours = {
        (trade.account, trade.symbol)
        for trade in universe.house.exchange.floor.trades
        if is_ours(trade.client_order_id)
    }
    spells = [*watch.spells, *watch.unprotected()]
    return [spell.length_ms(universe.now_ms) for spell in spells if (spell.account, spell.symbol) in ours]


@dataclass(slots=True)
class Recovery:
    """Looked at now and then: a difference counts from when it was first seen to when it was first not seen any more.

    ``struck`` notes a fault; it has recovered when ledger and venue are equal for the first time after it.
    """

    universe: Universe
    truth: MarketTruth
    times_ms: list[int] = field(default_factory=list)
    """From a difference, to equality."""
    after_fault_ms: list[int] = field(default_factory=list)
    """From a fault, to equality."""
    _unequal_since_ms: int | None = None
    _faults_ms: list[int] = field(default_factory=list)

    def struck(self, now_ms: int) -> None:
        self._faults_ms.append(now_ms)

    def look(self, now_ms: int) -> None:
        if self.is_equal():
            self.after_fault_ms += [now_ms - fault_ms for fault_ms in self._faults_ms]
            self._faults_ms.clear()
            if self._unequal_since_ms is not None:
                self.times_ms.append(now_ms - self._unequal_since_ms)
                self._unequal_since_ms = None
        elif self._unequal_since_ms is None:
            self._unequal_since_ms = now_ms

    def is_equal(self) -> bool:
        found = check_at_rest(self.universe, self.truth)
        return not any(one.invariant in WHILE_TRADING for one in found)
