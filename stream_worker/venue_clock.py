"""The venue's clock, estimated from what it stamps every second."""

from collections import deque

from undertow.ports import Clock


class VenueClock:
    """Our clock plus the offset that most of the last minute's mark prices show.

    The median: neither a stamp that is plainly wrong nor a frame that was held up moves it. It lags by the time that a
    frame is on its way, which is far below anything that is judged by it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offsets_ms: deque[int] = deque(maxlen=60)
        self.offset_ms = 0

    def observe(self, stamp_ms: int, received_at_ms: int) -> None:
        self._offsets_ms.append(stamp_ms - received_at_ms)
        self.offset_ms = sorted(self._offsets_ms)[len(self._offsets_ms) // 2]

    def now_ms(self) -> int:
        return self._clock.now_ms() + self.offset_ms
