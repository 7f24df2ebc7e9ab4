"""The forceOrder rule: per symbol at most one message per 1000 ms, and of a second's liquidations only the latest.

Read as the venue's own recordings show it: the first is pushed at once; what follows within a second waits, each newer
one replacing the older, until the second is over. What was replaced is lost: sums over the stream are lower bounds.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

from local.venue.tape import TapeFrame

from undertow.domain.ids import Symbol

INTERVAL_MS: Final = 1_000
T = TypeVar("T")


class ForceOrderThrottle(Generic[T]):
    def __init__(self, interval_ms: int = INTERVAL_MS) -> None:
        self._interval_ms = interval_ms
        self._pushed_at: dict[Symbol, int] = {}
        self._waiting: dict[Symbol, T] = {}

    def offer(self, symbol: Symbol, item: T, now_ms: int) -> bool:
        """True when ``item`` is to be pushed now; else it waits, and whatever waited for the symbol is lost."""
        if symbol not in self._waiting and now_ms >= self._free_at(symbol):
            self._pushed_at[symbol] = now_ms
            return True
        self._waiting[symbol] = item
        return False

    def due(self, now_ms: int) -> list[tuple[int, T]]:
        """What waited long enough, with the time at which it is pushed, in that order."""
        ready = sorted((self._free_at(symbol), symbol) for symbol in self._waiting if self._free_at(symbol) <= now_ms)
        for at_ms, symbol in ready:
            self._pushed_at[symbol] = at_ms
        return [(at_ms, self._waiting.pop(symbol)) for at_ms, symbol in ready]

    def _free_at(self, symbol: Symbol) -> int:
        pushed = self._pushed_at.get(symbol)
        return 0 if pushed is None else pushed + self._interval_ms


def throttled(frames: Iterable[TapeFrame]) -> Iterator[tuple[int, TapeFrame]]:
    """What the rule leaves of ``frames``, each with the event time at which it is pushed; both in tape time."""
    throttle: ForceOrderThrottle[TapeFrame] = ForceOrderThrottle()
    last_ms = 0
    for frame in frames:
        yield from throttle.due(frame.event_ms)
        if throttle.offer(frame.symbol, frame, frame.event_ms):
            yield frame.event_ms, frame
        last_ms = frame.event_ms
    yield from throttle.due(last_ms + INTERVAL_MS)
