"""The liquidation tape of the last day or two, remembered: what is over is read once, however often a page asks."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from undertow.domain.market import Liquidation, Venue
from undertow.ports import Liquidations

STRETCH_MS: Final = 10 * 60_000
SETTLED_MS: Final = 10 * 60_000
"""Events are stored this long after they happened at the latest, unless the table was away for longer."""
MOST_EVENTS: Final = 60_000
"""Held at once: some 30 megabytes."""

_Key = tuple[Venue, int]


@dataclass(slots=True)
class PastTape:
    _over: "OrderedDict[_Key, Sequence[Liquidation]]" = field(default_factory=OrderedDict)
    _events: int = 0

    def between(
        self, stored: Liquidations, venue: Venue, from_ms: int, to_ms: int, now_ms: int
    ) -> Iterator[Liquidation]:
        """As ``Liquidations.between``: both ends included, by time, oldest first."""
        until_ms = min(to_ms, now_ms)
        number, last = from_ms // STRETCH_MS, until_ms // STRETCH_MS
        while number <= last:
            known = self._over.get((venue, number))
            if known is not None:
                self._over.move_to_end((venue, number))
                yield from (one for one in known if from_ms <= one.event_time_ms <= to_ms)
                number += 1
                continue
            first = number
            while number <= last and (venue, number) not in self._over:
                number += 1
            yield from self._read(stored, venue, first, number, from_ms, to_ms, now_ms)

    def _read(
        self, stored: Liquidations, venue: Venue, first: int, end: int, from_ms: int, to_ms: int, now_ms: int
    ) -> list[Liquidation]:
        """The stretches from ``first`` to before ``end`` in one reading, of which those that are over are kept."""
        read = list(stored.between(venue, first * STRETCH_MS, end * STRETCH_MS - 1))
        over = {number: list[Liquidation]() for number in range(first, end) if self._is_over(number, now_ms)}
        for one in read:
            if one.event_time_ms // STRETCH_MS in over:
                over[one.event_time_ms // STRETCH_MS].append(one)
        for number, some in over.items():
            self._over[venue, number] = some
            self._events += len(some)
        while self._events > MOST_EVENTS:
            _, forgotten = self._over.popitem(last=False)
            self._events -= len(forgotten)
        return [one for one in read if from_ms <= one.event_time_ms <= to_ms]

    def _is_over(self, number: int, now_ms: int) -> bool:
        return (number + 1) * STRETCH_MS + SETTLED_MS <= now_ms
