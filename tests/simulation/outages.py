"""When nothing could be done whatever the system is like: its tables were gone, its functions held, the venue shut."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide


@dataclass(slots=True)
class Outages:
    """Times that do not count as the system's own slowness. Noted as they pass, in order."""

    _from_ms: list[int] = field(default_factory=list)
    _to_ms: list[int] = field(default_factory=list)

    def note(self, from_ms: int, to_ms: int) -> None:
        if self._to_ms and from_ms <= self._to_ms[-1]:
            self._to_ms[-1] = max(self._to_ms[-1], to_ms)
        else:
            self._from_ms.append(from_ms)
            self._to_ms.append(to_ms)

    def within(self, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """The parts of the time from ``from_ms`` to ``to_ms`` that were an outage, in order."""
        found = []
        for index in range(max(0, bisect_right(self._from_ms, from_ms) - 1), len(self._from_ms)):
            if self._from_ms[index] >= to_ms:
                break
            part = max(from_ms, self._from_ms[index]), min(to_ms, self._to_ms[index])
            if part[0] < part[1]:
                found.append(part)
        return found


def hidden_ms(from_ms: int, to_ms: int, outages: Iterable[Outages]) -> int:
    """How much of the time from ``from_ms`` to ``to_ms`` was any of the ``outages``; what was two counts once."""
    total, seen_until_ms = 0, from_ms
    for begin_ms, end_ms in sorted(part for outage in outages for part in outage.within(from_ms, to_ms)):
        total += max(0, end_ms - max(begin_ms, seen_until_ms))
        seen_until_ms = max(seen_until_ms, end_ms)
    return total


@dataclass(slots=True)
class Impossible:
    """When a position could not get a stop, however well the system was made, or its owner wanted none.

    ``down``: nothing could be done for any position. ``shut``: the venue let nobody trade the symbol. ``unwanted``: the
    ledger held the position for one that its owner opened, and by his settings those are only watched.
    """

    down: Outages = field(default_factory=Outages)
    shut: dict[Symbol, Outages] = field(default_factory=dict)
    unwanted: dict[tuple[AccountId, Symbol, PositionSide], Outages] = field(default_factory=dict)

    def of(self, account: AccountId, symbol: Symbol, *, long: bool) -> tuple[Outages, ...]:
        side = PositionSide.LONG if long else PositionSide.SHORT
        nothing = Outages()
        return self.down, self.shut.get(symbol, nothing), self.unwanted.get((account, symbol, side), nothing)
