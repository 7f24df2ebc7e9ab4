"""How long it takes until all is well again, on the run's own time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from local.venue.watch import Spell
from tests.simulation.at_rest import differing_legs
from tests.simulation.outages import Outages
from tests.simulation.universe import Universe

from undertow.adapters.paper.events import Leg
from undertow.domain.ids import AccountId, ClientOrderId, Symbol, is_ours
from undertow.domain.market import Side


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


@dataclass(frozen=True, slots=True)
class Unprotected:
    """How long positions stood at the venue without a stop, as the venue saw it; what lasts counts as far.

    ``ours_ms`` are those that an order of ours opened, without the times when nothing could be done: for anything, or
    in one symbol, where the venue let nobody trade. ``raw_ms`` are the same spells whole. ``others_ms`` are those that
    somebody opened by hand: whether they get a stop, and when they are found, is the owner's policy.
    """

    ours_ms: list[int]
    raw_ms: list[int]
    others_ms: list[int]


def unprotected(
    universe: Universe, down: Outages | None = None, shut: Mapping[Symbol, Outages] | None = None
) -> Unprotected:
    watch, openers = universe.house.watch, _openers(universe)
    down, shut, nothing = down or Outages(), shut or {}, Outages()
    told = Unprotected([], [], [])
    for spell in (*watch.spells, *watch.unprotected()):
        to_ms = universe.now_ms if spell.to_ms is None else spell.to_ms
        whole_ms = spell.length_ms(universe.now_ms)
        if not is_ours(_opener(openers, spell)):
            told.others_ms.append(whole_ms)
            continue
        hidden_ms = down.within_ms(spell.from_ms, to_ms)
        hidden_ms += shut.get(spell.symbol, nothing).within_ms(spell.from_ms, to_ms)
        told.raw_ms.append(whole_ms)
        told.ours_ms.append(max(0, whole_ms - hidden_ms))
    return told


_Openings = dict[tuple[AccountId, Symbol, Leg], list[tuple[int, str]]]


def _openers(universe: Universe) -> _Openings:
    """By side: when a position was opened from nothing, or turned, and by which order."""
    openings: _Openings = {}
    held: dict[tuple[AccountId, Symbol, Leg], Decimal] = {}
    for trade in universe.house.exchange.floor.trades:
        key = (trade.account, trade.symbol, trade.leg)
        before = held.get(key, Decimal(0))
        after = held[key] = before + (trade.quantity if trade.side is Side.BUY else -trade.quantity)
        if after and (before == 0 or (before > 0) is not (after > 0)):
            openings.setdefault(key, []).append((trade.time_ms, trade.client_order_id))
    return openings


def _opener(openings: _Openings, spell: Spell) -> ClientOrderId:
    """Of the position that stood without a stop. One that was there before the first trade is nobody's."""
    known = openings.get((spell.account, spell.symbol, spell.leg), [])
    return ClientOrderId(next((order for time_ms, order in reversed(known) if time_ms <= spell.from_ms), ""))


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
