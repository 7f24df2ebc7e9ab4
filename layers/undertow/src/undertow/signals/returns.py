"""How far the price moved in the last 60 s, against how far it usually moves in that time."""

from collections import deque
from math import exp, log, sqrt
from typing import Final

SPAN_MS: Final = 60_000
MEMORY_S: Final = 1_800.0
"""Weights fall to 1/e over 30 minutes."""
SIGMA_SECONDS: Final = 120.0
"""Of prices behind a deviation that is believed: it is then known to about 7 %. With the minute that is left out, a
symbol has its first reading three minutes after its first price."""
STALE_MS: Final = 10_000
"""Mark prices come every second; after so long without one the price is not known."""
LEAST_MOVE: Final = 1e-4
"""One basis point a minute: a market that stands still must not make a cascade of a single tick."""


class Returns:
    """Mark prices of the last minute, and the variance of what came before it.

    The last 60 s are left out of the deviation (the lag): a fall must not be measured against itself. Where prices were
    missed the return across the gap counts for the time that it took. At most some 75 prices are held.
    """

    __slots__ = ("_prices", "_seen_s", "_squares", "_time_s")

    def __init__(self) -> None:
        self._prices: deque[tuple[int, float]] = deque()
        self._squares = 0.0
        self._time_s = 0.0
        self._seen_s = 0.0

    def add(self, price: float, time_ms: int) -> bool:
        """One price a second counts; one that is older than the last does not. Returns whether it did.

        A price from more than a minute before the last one means that the venue's clock was put right: begun anew.
        """
        prices = self._prices
        if prices and time_ms < prices[-1][0] - SPAN_MS:
            prices.clear()
        if prices and time_ms // 1000 <= prices[-1][0] // 1000:
            return False
        prices.append((time_ms, log(price)))
        while len(prices) > 1 and prices[1][0] <= time_ms - SPAN_MS:
            began_ms, began = prices.popleft()
            self._learn(prices[0][1] - began, (prices[0][0] - began_ms) / 1000)
        return True

    def stale(self, now_ms: int) -> str:
        """Why the move of the last minute cannot be told; empty where it can."""
        if not self._prices:
            return "no mark price yet"
        newest_ms, oldest_ms = self._prices[-1][0], self._prices[0][0]
        if now_ms - newest_ms > STALE_MS:
            return f"no mark price for {(now_ms - newest_ms) // 1000} s"
        if newest_ms - now_ms > STALE_MS:
            return f"a mark price of {(newest_ms - now_ms) // 1000} s ahead of our clock"
        if self._seen_s < SIGMA_SECONDS:
            known_s = int(self._seen_s) + (newest_ms - oldest_ms) // 1000
            return f"mark prices of {known_s} s, {int(SIGMA_SECONDS) + SPAN_MS // 1000} s are needed"
        if not 0 <= newest_ms - oldest_ms - SPAN_MS <= STALE_MS:
            return "no mark price of a minute ago"
        return ""

    def deviations(self) -> float:
        """The return of the last 60 s in standard deviations of such a span. Only where it is not ``stale``."""
        usual = sqrt(self._squares / self._time_s * SPAN_MS / 1000)
        return (self._prices[-1][1] - self._prices[0][1]) / max(usual, LEAST_MOVE)

    def _learn(self, move: float, took_s: float) -> None:
        kept = exp(-took_s / MEMORY_S)
        self._squares = self._squares * kept + move * move
        self._time_s = self._time_s * kept + took_s
        # One return across a gap, however long, tells little of what is usual.
        self._seen_s = min(self._seen_s + min(took_s, STALE_MS / 1000), SIGMA_SECONDS)
