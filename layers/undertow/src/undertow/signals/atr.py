"""Average true range over closed candles. Where it cannot be measured there is none: nobody invents one."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from undertow.domain.conditions import Atr
from undertow.domain.market import Candle
from undertow.signals.figures import figure_of

FAST: Final = 10
SLOW: Final = 14
WARM_UP: Final = 3 * SLOW
"""True ranges after which it hardly matters any more with which one Wilder's average began."""
LATE: Final = 2
"""So many candle lengths after its end a candle is no longer the last one: the next must have closed long ago."""


def true_range(candle: Candle, previous_close: float) -> float:
    """The largest of high to low, and of either to the close before."""
    high, low = float(candle.high), float(candle.low)
    return max(high - low, abs(high - previous_close), abs(low - previous_close))


class AtrOfCandles:
    """Takes closed candles of one length one by one, in order. After a gap it begins anew."""

    __slots__ = ("_count", "_interval_s", "_last", "_ranges", "_slow")

    def __init__(self, interval_s: int) -> None:
        self._interval_s = interval_s
        self._last: Candle | None = None
        self._ranges: deque[float] = deque(maxlen=FAST)
        self._slow = 0.0
        self._count = 0

    def add(self, candle: Candle) -> None:
        """A candle that came before is left out."""
        last = self._last
        if last is not None and candle.open_time_ms <= last.open_time_ms:
            return
        self._last = candle
        if last is None or candle.open_time_ms != last.open_time_ms + self._interval_s * 1000:
            self._ranges.clear()
            self._slow, self._count = 0.0, 0
            return
        found = true_range(candle, float(last.close))
        self._ranges.append(found)
        self._count += 1
        # Wilder's average begins as the plain mean of the first 14.
        self._slow += (found - self._slow) / min(self._count, SLOW)

    def value(self, now_ms: int) -> Atr | None:
        """None before 42 true ranges in a row, and when the next candle should have come long ago."""
        last = self._last
        if last is None or self._count < WARM_UP or last.close <= 0:
            return None
        if now_ms - last.close_time_ms > LATE * self._interval_s * 1000:
            return None
        scale = 100 / float(last.close)
        fast = figure_of(sum(self._ranges) / FAST * scale)
        return Atr(fast, figure_of(self._slow * scale), self._interval_s, last.close_time_ms)


def atr_of(candles: Sequence[Candle], interval_s: int, now_ms: int) -> Atr | None:
    """Over those of ``candles``, oldest first, that are closed at ``now_ms``."""
    atr = AtrOfCandles(interval_s)
    for candle in candles:
        if candle.close_time_ms < now_ms:
            atr.add(candle)
    return atr.value(now_ms)
