"""Since when nothing was missed. A window is to be trusted only where it lies inside that time."""

from collections import deque
from typing import Final

GAPS_KEPT: Final = 1_000
"""More gaps than a window of an hour could have and still be worth a thought."""


class Coverage:
    """The time heard without a gap, on the venue's clock. It begins anew after each gap.

    ``tolerated_pct`` is the share of a window that may be gaps all the same. Zero unless somebody knows why: sums over
    a window with gaps are too small, so a threshold may be crossed late, or twice.
    """

    __slots__ = ("_gaps", "_heard_from_ms", "_lost_at_ms", "_since_ms", "_tolerated_pct")

    def __init__(self, tolerated_pct: int = 0) -> None:
        self._tolerated_pct = tolerated_pct
        self._since_ms: int | None = None
        self._lost_at_ms: int | None = None
        self._heard_from_ms: int | None = None
        self._gaps: deque[tuple[int, int]] = deque(maxlen=GAPS_KEPT)

    @property
    def since_ms(self) -> int | None:
        """The end of the last gap; None while there is one."""
        return self._since_ms

    def begin(self, at_ms: int) -> None:
        """From ``at_ms`` on everything is heard. What came since the stream broke off is unknown."""
        if self._lost_at_ms is not None:
            self._gaps.append((self._lost_at_ms, at_ms))
        elif self._heard_from_ms is None:
            self._heard_from_ms = at_ms
        self._since_ms, self._lost_at_ms = at_ms, None

    def lose(self, at_ms: int) -> None:
        """The stream broke off."""
        self._since_ms, self._lost_at_ms = None, at_ms

    def doubt(self, from_ms: int, to_ms: int) -> None:
        """The stream is up, but something may have been missed between."""
        self._gaps.append((from_ms, to_ms))
        self._since_ms = to_ms

    def extend_back_to(self, at_ms: int) -> None:
        """Somebody else heard everything from ``at_ms`` until we began, and we have his record."""
        if self._since_ms is not None and at_ms < self._since_ms:
            self._since_ms = at_ms
            self._heard_from_ms = min(at_ms, self._heard_from_ms or at_ms)
            self._gaps = deque((gap for gap in self._gaps if gap[1] <= at_ms), GAPS_KEPT)

    def covers(self, time_ms: int, window_s: int) -> bool:
        """Whether (time - window, time] was heard completely, but for what is tolerated."""
        from_ms = time_ms - window_s * 1000
        if self._since_ms is None:
            return False
        if from_ms >= self._since_ms:
            return True
        if self._tolerated_pct == 0 or self._heard_from_ms is None or from_ms < self._heard_from_ms:
            return False
        missed_ms = sum(max(0, min(end, time_ms) - max(begin, from_ms)) for begin, end in self._gaps)
        return missed_ms * 100 <= self._tolerated_pct * window_s * 1000
