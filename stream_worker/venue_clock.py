"""The venue's clock, estimated from what it stamps every second."""

from collections import deque

from undertow.ports import Clock


class VenueClock:
    """Between what our clock says and what most of the last minute's mark prices say.

    The median of the stamps: no single one that is plainly wrong moves it. But all of them are late when we were held
    up and catch up, so our own clock counts too: ``latest_ms`` and ``earliest_ms`` are as far as either of them goes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offsets_ms: deque[int] = deque(maxlen=60)
        self.offset_ms = 0

    def observe(self, stamp_ms: int, received_at_ms: int) -> None:
        self._offsets_ms.append(stamp_ms - received_at_ms)
        self.offset_ms = sorted(self._offsets_ms)[len(self._offsets_ms) // 2]

    def earliest_ms(self) -> int:
        return self._clock.now_ms() + min(0, self.offset_ms)

    def latest_ms(self) -> int:
        return self._clock.now_ms() + max(0, self.offset_ms)
