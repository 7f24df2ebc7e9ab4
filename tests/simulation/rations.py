"""I16: of the venue's request weight a part is left alone, and while it tells us to wait nothing is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from local.venue.limits import MINUTE_MS, Limits
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.domain.market import Venue

USED_PCT: Final = 80
READ_MS: Final = 2_000
"""So old may a copy of the venue's health be."""
UNDER_WAY_MS: Final = 8_000
"""From the look at it until a slow request has arrived, by clocks that are somewhat off."""
CLOCKS_APART_MS: Final = 6_000


@dataclass(slots=True)
class CountedLimits(Limits):
    """``asked`` is told of the weight of each request before it is let in."""

    asked: Callable[[int, int], None] = lambda _weight, _now_ms: None

    def enter(self, address: str, weight: int, now_ms: int) -> int:
        self.asked(weight, now_ms)
        return Limits.enter(self, address, weight, now_ms)


@dataclass(slots=True)
class Rations:
    """``most`` is the greatest weight of a minute so far."""

    universe: Universe
    found: list[Violation] = field(default_factory=list)
    most: int = 0
    _minute: int = -1
    _used: int = 0
    _blocked_until_ms: int = 0
    _known_since_ms: int = 0

    def begin(self) -> None:
        limits = self.universe.house.limits
        if isinstance(limits, CountedLimits):
            limits.asked = self.hear

    def hear(self, weight: int, now_ms: int) -> None:
        if self._minute != now_ms // MINUTE_MS:
            self._minute, self._used = now_ms // MINUTE_MS, 0
        self._used += weight
        self.most = max(self.most, self._used)
        limits = self.universe.house.limits
        if self._used > limits.weight_per_minute * USED_PCT // 100:
            what = f"a weight of {self._used} was asked for in one minute, the limit is {limits.weight_per_minute}"
            self.found.append(Violation("I16", what))
        self._judge_silence(now_ms)

    def _judge_silence(self, now_ms: int) -> None:
        """Only of what everybody can know: who could not write it down has kept it to himself."""
        health = self.universe.store.health(Venue.ASTER)
        if health.entries_only or health.blocked_until_ms <= now_ms + CLOCKS_APART_MS:
            return
        if health.blocked_until_ms != self._blocked_until_ms:
            self._blocked_until_ms, self._known_since_ms = health.blocked_until_ms, now_ms
        elif now_ms - self._known_since_ms > READ_MS + UNDER_WAY_MS:
            waited_ms = now_ms - self._known_since_ms
            what = f"the venue was asked {waited_ms} ms after it was known that it must not be: {health.reason}"
            self.found.append(Violation("I16", what))
