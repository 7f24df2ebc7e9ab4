"""How long it takes until all is well again, on the run's own time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from local.venue.watch import Spell
from tests.simulation.at_rest import differing_legs
from tests.simulation.outages import Impossible, Outages, hidden_ms
from tests.simulation.universe import Universe

from undertow.adapters.paper.events import Leg
from undertow.domain.ids import AccountId, Symbol, is_ours
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO


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
class Naked:
    """A time without a stop of something that orders of ours opened, without and with what was ``Impossible``."""

    ours_ms: int
    raw_ms: int
    where: str


@dataclass(frozen=True, slots=True)
class Unprotected:
    """How long positions stood at the venue without a stop, as the venue saw it; what lasts counts as far.

    ``ours`` are those in which orders of ours opened something that stands, for as long as it does. ``others_ms`` are
    those of what somebody opened by hand: whether it gets a stop, and when it is found, is the owner's policy.
    """

    ours: list[Naked] = field(default_factory=list)
    others_ms: list[int] = field(default_factory=list)

    @property
    def ours_ms(self) -> list[int]:
        return [naked.ours_ms for naked in self.ours]

    @property
    def raw_ms(self) -> list[int]:
        return [naked.raw_ms for naked in self.ours]


def unprotected(universe: Universe, impossible: Impossible | None = None) -> Unprotected:
    watch, held = universe.house.watch, _held_by_us(universe)
    impossible = impossible or Impossible()
    told = Unprotected()
    for spell in (*watch.spells, *watch.unprotected()):
        to_ms = universe.now_ms if spell.to_ms is None else spell.to_ms
        ours = times_of_ours(held.get((spell.account, spell.symbol, spell.leg), ()), spell.from_ms, to_ms)
        if not ours:
            told.others_ms.append(spell.length_ms(universe.now_ms))
            continue
        outages = impossible.of(spell.account, spell.symbol, long=spell.long)
        raw_ms = sum(end_ms - begin_ms for begin_ms, end_ms in ours)
        net_ms = raw_ms - sum(hidden_ms(*time, outages) for time in ours)
        told.ours.append(Naked(net_ms, raw_ms, _where(spell)))
    return told


def _where(spell: Spell) -> str:
    when = f"from {spell.from_ms}, since it was opened" if spell.opened else f"from {spell.from_ms}, after a stop"
    side = "long" if spell.long else "short"
    return f"{spell.account} {spell.symbol} {side} {when}, ended by {spell.ended_by or 'nothing'}"


_Holdings = dict[tuple[AccountId, Symbol, Leg], list[tuple[int, Decimal]]]


def _held_by_us(universe: Universe) -> _Holdings:
    """By side: how much of the position orders of ours opened, from each trade on."""
    holdings: _Holdings = {}
    whole: dict[tuple[AccountId, Symbol, Leg], Decimal] = {}
    for trade in universe.house.exchange.floor.trades:
        key = (trade.account, trade.symbol, trade.leg)
        moved = trade.quantity if trade.side is Side.BUY else -trade.quantity
        before = whole.get(key, ZERO)
        after = whole[key] = before + moved
        known = holdings.setdefault(key, [])
        part = known[-1][1] if known else ZERO
        known.append((trade.time_ms, part_of_ours(before, after, part, is_ours(trade.client_order_id))))
    return holdings


def part_of_ours(before: Decimal, after: Decimal, part: Decimal, is_by_us: bool) -> Decimal:
    """Whoever takes something off takes off what he put there first; ``part`` lies between zero and ``before``."""
    turned = before * after < 0
    if before == 0 or turned:
        return after if is_by_us else ZERO
    if is_by_us:
        part += after - before
    low, high = min(ZERO, after), max(ZERO, after)
    return min(max(part, low), high)


def times_of_ours(holdings: Sequence[tuple[int, Decimal]], from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    """When, between the two times, something of ours was held."""
    ends = [time_ms for time_ms, _ in holdings[1:]] + [to_ms]
    times = [
        (max(time_ms, from_ms), min(end_ms, to_ms))
        for (time_ms, part), end_ms in zip(holdings, ends, strict=False)
        if part
    ]
    return [(begin_ms, end_ms) for begin_ms, end_ms in times if begin_ms < end_ms or begin_ms == end_ms == from_ms]


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
        return [to_ms - from_ms - hidden_ms(from_ms, to_ms, outages) for from_ms, to_ms in (*self.spells, *lasting)]

    def _is_equal(self) -> bool:
        universe = self.universe
        return not any(True for account in universe.accounts for _ in differing_legs(universe, account))
