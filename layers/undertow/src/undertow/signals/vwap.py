"""Volume-weighted average price over the trailing minutes, of closed candles."""

from collections import deque
from decimal import Decimal
from typing import Final

from undertow.domain.conditions import Vwap
from undertow.domain.market import Candle
from undertow.domain.numbers import ZERO

FROM_MINUTES: Final = 60
"""From this length on five-minute candles are fine enough, where it is a multiple of them."""
LATE: Final = 2
"""So many candle lengths after its end a candle is no longer the last one."""
_PLACES: Final = Decimal("1E-12")


def vwap_interval_s(minutes: int) -> int:
    """The length of the candles that an average over ``minutes`` is made of."""
    return 300 if minutes >= FROM_MINUTES and minutes % 5 == 0 else 60


class VwapOfCandles:
    """Takes closed candles of ``vwap_interval_s(minutes)`` one by one, in order. After a gap it begins anew."""

    __slots__ = ("_interval_s", "_last", "_minutes", "_traded", "_value")

    def __init__(self, minutes: int) -> None:
        self._minutes = minutes
        self._interval_s = vwap_interval_s(minutes)
        self._traded: deque[tuple[Decimal, Decimal]] = deque(maxlen=minutes * 60 // self._interval_s)
        self._last: Candle | None = None
        self._value: Decimal | None = None

    def add(self, candle: Candle) -> None:
        """A candle that came before is left out."""
        last = self._last
        if last is not None and candle.open_time_ms <= last.open_time_ms:
            return
        if last is not None and candle.open_time_ms != last.open_time_ms + self._interval_s * 1000:
            self._traded.clear()
        self._last = candle
        typical = (candle.high + candle.low + candle.close) / 3
        self._traded.append((typical * candle.volume, candle.volume))
        self._value = self._average() if len(self._traded) == self._traded.maxlen else None

    def _average(self) -> Decimal | None:
        volume = sum((one for _, one in self._traded), ZERO)
        return (sum((one for one, _ in self._traded), ZERO) / volume).quantize(_PLACES) if volume > 0 else None

    def value(self, now_ms: int) -> Vwap | None:
        """None before the whole length is known without a gap, where nothing traded, and when a candle is late."""
        last = self._last
        if last is None or self._value is None or now_ms - last.close_time_ms > LATE * self._interval_s * 1000:
            return None
        return Vwap(self._value, self._minutes, last.close_time_ms)
