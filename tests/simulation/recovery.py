"""How long it takes until all is well again, on the run's own time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local.venue.watch import Spell
from tests.simulation.at_rest import differing_legs
from tests.simulation.outages import Outages
from tests.simulation.universe import Universe

from undertow.domain.ids import Symbol, is_ours


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


def unprotected_ms(
    universe: Universe, down: Outages | None = None, shut: Mapping[Symbol, Outages] | None = None
) -> list[int]:
    """How long each of our positions stood at the venue without a stop, as the venue saw it; what lasts counts as far.

    Spells of positions that others opened by hand are theirs until we have adopted them. Times when nothing could be
    done do not count: for anything (``down``), or in one symbol, where the venue let nobody trade (``shut``).
    """
    watch = universe.house.watch
    ours = {
        (trade.account, trade.symbol)
        for trade in universe.house.exchange.floor.trades
        if is_ours(trade.client_order_id)
    }
    spells = [*watch.spells, *watch.unprotected()]
    down, shut, nothing = down or Outages(), shut or {}, Outages()

    def hidden_ms(spell: Spell) -> int:
        to_ms = universe.now_ms if spell.to_ms is None else spell.to_ms
        return down.within_ms(spell.from_ms, to_ms) + shut.get(spell.symbol, nothing).within_ms(spell.from_ms, to_ms)

    return [
        max(0, spell.length_ms(universe.now_ms) - hidden_ms(spell))
        for spell in spells
        if (spell.account, spell.symbol) in ours
    ]


@dataclass(slots=True)
class Recovery:
    """How long ledger and venue differed, each time: from the trade at the venue, say, until it is booked."""

    universe: Universe
    spells: list[tuple[int, int]] = field(default_factory=list)
    _unequal_since_ms: int | None = None

    def look(self, now_ms: int) -> None:
        """To be called when a position has changed, here or there."""
        if not self._is_equal():
            if self._unequal_since_ms is None:
                self._unequal_since_ms = now_ms
        elif self._unequal_since_ms is not None:
            self.spells.append((self._unequal_since_ms, now_ms))
            self._unequal_since_ms = None

    def all_ms(self, now_ms: int, *outages: Outages) -> list[int]:
        """With the one that lasts, as far as it has come. The time begins when the ``outages`` that hid it are over."""
        lasting = [] if self._unequal_since_ms is None else [(self._unequal_since_ms, now_ms)]
        return [
            max(0, to_ms - from_ms - sum(outage.within_ms(from_ms, to_ms) for outage in outages))
            for from_ms, to_ms in (*self.spells, *lasting)
        ]

    def _is_equal(self) -> bool:
        universe = self.universe
        return not any(True for account in universe.accounts for _ in differing_legs(universe, account))
