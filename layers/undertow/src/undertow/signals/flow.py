"""How much of one side was liquidated in the last 60 s, and how much is usual in a minute of the last 24 hours."""

from array import array
from typing import Final

WINDOW_S: Final = 60
MINUTE_MS: Final = 60_000
MINUTES: Final = 1_440
_SLOTS: Final = MINUTES + 1
"""The minute that is still running has a place of its own."""
_LARGER_QUARTER: Final = MINUTES // 4


class Flow:
    """The liquidations of one symbol and one side, quote units.

    The trailing minute is summed by seconds. The past day is kept as the sum of each of its 1,440 minutes, which is the
    trailing minute sampled every 60 s: 12 KB. A minute that was not heard counts as zero, so after a start with no past
    the usual flow is too low and what comes looks too large: it errs towards blocking. The past may be added later, in
    any order.
    """

    __slots__ = ("_minutes", "_newest_minute", "_newest_second", "_seconds", "_usual", "_usual_at")

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self._newest_second = 0
        self._minutes = array("d", bytes(8 * _SLOTS))
        self._newest_minute = 0
        self._usual = 0.0
        self._usual_at = -1

    def add(self, usdt: float, event_time_ms: int) -> None:
        second, minute = event_time_ms // 1000, event_time_ms // MINUTE_MS
        self._newest_second = max(self._newest_second, second)
        if second > self._newest_second - WINDOW_S:
            self._seconds[second] = self._seconds.get(second, 0.0) + usdt
            if len(self._seconds) > 2 * WINDOW_S:
                self._forget_until(self._newest_second - WINDOW_S)
        self._advance(minute)
        if minute > self._newest_minute - _SLOTS:
            self._minutes[minute % _SLOTS] += usdt
            self._usual_at = -1

    def trailing(self, now_ms: int) -> float:
        """The sum over the last 60 s, and of what came with a clock ahead of ours."""
        from_second = now_ms // 1000 - WINDOW_S
        self._forget_until(min(from_second, self._newest_second - WINDOW_S))
        return sum(usdt for second, usdt in self._seconds.items() if second > from_second)

    def usual(self, now_ms: int) -> float:
        """The 75th percentile of the minutes of the last 24 hours, those without any liquidation among them.

        It is never below their median, which for most symbols is zero.
        """
        minute = now_ms // MINUTE_MS
        if self._usual_at != minute:
            self._advance(minute)
            held = self._minutes.tolist()
            for running in range(minute, self._newest_minute + 1):
                held[running % _SLOTS] = 0.0
            held.sort()
            self._usual, self._usual_at = held[-_LARGER_QUARTER], minute
        return self._usual

    def _advance(self, minute: int) -> None:
        for passed in range(max(self._newest_minute + 1, minute - _SLOTS + 1), minute + 1):
            self._minutes[passed % _SLOTS] = 0.0
        self._newest_minute = max(self._newest_minute, minute)

    def _forget_until(self, second: int) -> None:
        for old in [one for one in self._seconds if one <= second]:
            del self._seconds[old]
