"""How much of one side was liquidated in the last 60 s, and how much is usual in a minute of the last 24 hours."""

from array import array
from bisect import bisect_left
from typing import Final

WINDOW_S: Final = 60
MINUTE_MS: Final = 60_000
MINUTES: Final = 1_440
_LARGER_QUARTER: Final = MINUTES // 4


class _Sums:
    """Sums by whole units of time, of those units that had any: 12 bytes each, in order."""

    __slots__ = ("_sums", "_units")

    def __init__(self) -> None:
        self._units = array("I")
        self._sums = array("d")

    def __len__(self) -> int:
        return len(self._units)

    @property
    def newest(self) -> int:
        return self._units[-1] if self._units else 0

    def add(self, unit: int, usdt: float) -> None:
        units = self._units
        place = len(units) if not units or unit > units[-1] else bisect_left(units, unit)
        if place < len(units) and units[place] == unit:
            self._sums[place] += usdt
        else:
            units.insert(place, unit)
            self._sums.insert(place, usdt)

    def forget_before(self, unit: int) -> None:
        gone = bisect_left(self._units, max(0, unit))
        if gone:
            del self._units[:gone], self._sums[:gone]

    def since(self, unit: int) -> "array[float]":
        return self._sums[bisect_left(self._units, max(0, unit)) :]

    def before(self, unit: int) -> "array[float]":
        return self._sums[: bisect_left(self._units, unit)]


class Flow:
    """The liquidations of one symbol and one side, quote units.

    The trailing minute is summed by seconds. The past day is kept by minutes, which is the trailing minute sampled
    every 60 s. A minute that was not heard counts as zero, so after a start with no past the usual flow is too low and
    what comes looks too large: it errs towards blocking. The past may be added later, in any order.
    """

    __slots__ = ("_minutes", "_seconds", "_usual", "_usual_at")

    def __init__(self) -> None:
        self._seconds = _Sums()
        self._minutes = _Sums()
        self._usual = 0.0
        self._usual_at = -1

    def add(self, usdt: float, event_time_ms: int) -> None:
        second, minute = event_time_ms // 1000, event_time_ms // MINUTE_MS
        # Twice as long as is asked for: an event from a clock ahead of ours must not push out what still counts.
        if second > self._seconds.newest - 2 * WINDOW_S:
            self._seconds.add(second, usdt)
            self._seconds.forget_before(self._seconds.newest - 2 * WINDOW_S + 1)
        if minute >= self._minutes.newest - MINUTES:
            self._minutes.add(minute, usdt)
        if minute < self._usual_at:
            self._usual_at = -1

    def trailing(self, now_ms: int) -> float:
        """The sum over the last 60 s, and of what came with a clock ahead of ours."""
        return sum(self._seconds.since(now_ms // 1000 - WINDOW_S + 1))

    def usual(self, now_ms: int) -> float:
        """The 75th percentile of the minutes of the last 24 hours, those without any liquidation among them.

        It is never below their median, which for most symbols is zero. The minute that still runs is left out.
        """
        minute = now_ms // MINUTE_MS
        if self._usual_at != minute:
            self._minutes.forget_before(minute - MINUTES)
            passed = self._minutes.before(minute)
            self._usual = sorted(passed)[-_LARGER_QUARTER] if len(passed) >= _LARGER_QUARTER else 0.0
            self._usual_at = minute
        return self._usual
