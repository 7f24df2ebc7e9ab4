"""From points to a colour that rises at once and falls slowly, and what a cascade promises for the way back."""

from typing import Final

from undertow.domain.conditions import Colour, ReversalQuality

ASCENDING: Final = (Colour.GREEN, Colour.YELLOW, Colour.ORANGE, Colour.RED)
BANDS: Final = (2.0, 4.0, 6.0)
"""Points from which a colour is yellow, orange, red."""
CALM_MS: Final = 60_000
UNWATCHED_MS: Final = 10_000
"""Calm that nobody looked at for so long is not calm: the waiting begins anew."""


def colour_of(points: float) -> Colour:
    return ASCENDING[sum(points >= band for band in BANDS)]


def points_for(value: float, one: float, two: float) -> int:
    """0, 1 or 2: below ``one``, from ``one`` on, from ``two`` on."""
    return 2 if value >= two else 1 if value >= one else 0


class SteppingColour:
    """Rises at once. Falls by one colour after 60 s in a row below its band, and then waits again."""

    __slots__ = ("_below_since_ms", "_looked_at_ms", "colour")

    def __init__(self) -> None:
        self.colour = Colour.GREEN
        self._below_since_ms: int | None = None
        self._looked_at_ms = 0

    def follow(self, measured: Colour, now_ms: int) -> Colour:
        held, found = ASCENDING.index(self.colour), ASCENDING.index(measured)
        watched, self._looked_at_ms = now_ms - self._looked_at_ms <= UNWATCHED_MS, now_ms
        if found >= held:
            self.colour, self._below_since_ms = measured, None
        elif self._below_since_ms is None or not watched:
            self._below_since_ms = now_ms
        elif now_ms - self._below_since_ms >= CALM_MS:
            self.colour, self._below_since_ms = ASCENDING[held - 1], now_ms
        return self.colour


def reversal_quality(
    liquidations: float, returns_score: bool, change_1m_pct: float | None, change_3m_pct: float | None
) -> ReversalQuality:
    """How much was flushed out: liquidations, the move, and contracts closed in one and three minutes.

    Contracts that are opened into the fall count against it. Where open interest is not known it adds nothing.
    """
    score = 2 if liquidations >= 6 else 1 if liquidations >= 4 else 0
    score += 1 if returns_score else 0
    short = 0.0 if change_1m_pct is None else change_1m_pct
    long = 0.0 if change_3m_pct is None else change_3m_pct
    if short <= -1.0 or long <= -1.5:
        score += 2
    elif short <= -0.5 or long <= -1.0:
        score += 1
    elif short > 0.5 and long > 0.5:
        score -= 2
    if score <= 1:
        return ReversalQuality.POOR
    return {2: ReversalQuality.OK, 3: ReversalQuality.GOOD}.get(score, ReversalQuality.EXCELLENT)
