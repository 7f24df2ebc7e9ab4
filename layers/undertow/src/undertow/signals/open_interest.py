"""How much of the open interest was closed in the last minutes."""

from collections import deque
from typing import Final

FRESH_MS: Final = 60_000
WINDOW_MS: Final = 300_000
MOST_SAMPLES: Final = 512


class OpenInterestTrail:
    """The samples of the last five minutes. Without any, the venue is taken not to serve open interest at all."""

    __slots__ = ("_samples",)

    def __init__(self) -> None:
        self._samples: deque[tuple[int, float]] = deque(maxlen=MOST_SAMPLES)

    def add(self, quantity: float, time_ms: int) -> None:
        """A sample that is not newer than the last one tells nothing new, unless the venue's clock was put back."""
        samples = self._samples
        if samples and time_ms < samples[-1][0] - WINDOW_MS:
            samples.clear()
        if samples and time_ms <= samples[-1][0]:
            return
        samples.append((time_ms, quantity))
        while samples[0][0] <= time_ms - WINDOW_MS:
            samples.popleft()

    @property
    def served(self) -> bool:
        return bool(self._samples)

    def stale(self, now_ms: int) -> str:
        """Why the newest sample is of no use; empty where it is."""
        age_ms = now_ms - self._samples[-1][0]
        if age_ms <= -FRESH_MS:
            return f"a sample of {-age_ms // 1000} s ahead of our clock"
        return "" if age_ms < FRESH_MS else f"no sample for {age_ms // 1000} s"

    def drop_pct(self) -> float:
        """How far the newest sample is below the largest of five minutes, in percent of that one."""
        largest = max(quantity for _, quantity in self._samples)
        return 100 * (1 - self._samples[-1][1] / largest) if largest > 0 else 0.0

    def change_pct(self, seconds: int) -> float | None:
        """The change over the last ``seconds``; None unless there is a sample of then, itself fresh at that time."""
        newest_ms, newest = self._samples[-1]
        then_ms = newest_ms - seconds * 1000
        for time_ms, quantity in reversed(self._samples):
            if time_ms <= then_ms:
                usable = then_ms - time_ms < FRESH_MS and quantity > 0
                return 100 * (newest / quantity - 1) if usable else None
        return None
