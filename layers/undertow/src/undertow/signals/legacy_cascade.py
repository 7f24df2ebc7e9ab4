"""The cascade score as it was once published, kept to compare with. It does not measure what its names say.

A tick is 10 s. LQ is the sum over the median of the last 60 trailing minutes: it counts for how long there was flow,
and one liquidation of any size, which stands in six trailing minutes, makes it 6. RET is the sum of the absolute
returns over their deviation, which no volatility changes: about 0.8 for each tick. Reasons enough to use the other.
"""

from collections import deque
from decimal import Decimal
from math import fsum, sqrt
from statistics import median
from typing import Final

from undertow.domain.conditions import CascadeFormula, CascadeReading, Colour, ReversalQuality
from undertow.domain.numbers import ZERO
from undertow.signals.colours import ASCENDING, colour_of, points_for, reversal_quality
from undertow.signals.figures import figure_of

TICK_MS: Final = 10_000
TICKS: Final = 60
OPEN_INTEREST_TICKS: Final = 300
QUIET_TICKS: Final = 6
DOMINANT: Final = 0.6
LQ_POINTS: Final = (4.0, 8.0)
RET_POINTS: Final = (25.0, 35.0)
OI_POINTS: Final = (2.0, 4.0)
_QUIET_AT: Final = {Colour.RED: 4, Colour.ORANGE: 2, Colour.YELLOW: 0, Colour.GREEN: 0}
"""Points down to which the score must fall before a tick counts as quiet."""


class LegacyDetector:
    """One symbol, fed every 10 s. Not one of its windows is a time: they are numbers of ticks, as published.

    The published one knows no staleness. Here a tick without a price is UNKNOWN, since this score may block entries;
    open interest is used again however old it is, and where there is none it scores nothing and nothing is scaled.
    """

    def __init__(self) -> None:
        self._flows: deque[float] = deque(maxlen=TICKS)
        self._returns: deque[float] = deque(maxlen=TICKS)
        self._open_interest: deque[float] = deque(maxlen=OPEN_INTEREST_TICKS)
        self._price: float | None = None
        self._colour = Colour.GREEN
        self._quiet = 0
        self._shown: Colour | None = None
        self._since_ms = 0

    def tick(
        self, sell_usdt: float, buy_usdt: float, price: float | None, open_interest: float | None, now_ms: int
    ) -> CascadeReading:
        """``sell_usdt`` and ``buy_usdt`` were liquidated by sales and purchases within the last 60 s."""
        if price is None:
            return self._unknown("returns: no mark price", now_ms)
        total = sell_usdt + buy_usdt
        longs_fall = total > 0 and sell_usdt / total > DOMINANT
        shorts_fall = total > 0 and buy_usdt / total > DOMINANT
        self._flows.append(sell_usdt if longs_fall else buy_usdt if shorts_fall else 0.0)
        last_return = 0.0 if self._price is None else price / self._price - 1
        self._price = price
        self._returns.append(last_return)
        if open_interest is not None:
            self._open_interest.append(open_interest)
        towards_liquidated = (longs_fall and last_return < 0) or (shorts_fall and last_return > 0)
        return self._scored(towards_liquidated, now_ms)

    def _scored(self, towards_liquidated: bool, now_ms: int) -> CascadeReading:
        liquidations, returns, drop_pct = self._lq(), self._ret(), self._oi()
        points = points_for(liquidations, *LQ_POINTS)
        points += points_for(returns, *RET_POINTS) if towards_liquidated else 0
        points += 0 if drop_pct is None else points_for(drop_pct, *OI_POINTS)
        self._follow(points)
        quality = reversal_quality(liquidations, returns >= RET_POINTS[0], self._change_pct(6), self._change_pct(18))
        return CascadeReading(
            formula=CascadeFormula.LEGACY,
            colour=self._colour,
            points=Decimal(points),
            liquidations=figure_of(liquidations),
            returns=figure_of(returns),
            open_interest=None if drop_pct is None else figure_of(drop_pct),
            counted=("liquidations", "returns", *(() if drop_pct is None else ("open_interest",))),
            reversal=quality,
            since_ms=self._since(self._colour, now_ms),
            measured_at_ms=now_ms,
        )

    def _lq(self) -> float:
        flows = [flow for flow in self._flows if flow > 0]
        return fsum(flows) / median(flows) if flows else 0.0

    def _ret(self) -> float:
        count = len(self._returns)
        mean = fsum(self._returns) / count
        deviation = sqrt(fsum((one - mean) ** 2 for one in self._returns) / count)
        return fsum(map(abs, self._returns)) / deviation if deviation > 0 else 0.0

    def _oi(self) -> float | None:
        samples = self._open_interest
        if not samples:
            return None
        largest = max(samples)
        return 100 * (largest - samples[-1]) / largest if largest > 0 else 0.0

    def _change_pct(self, ticks: int) -> float | None:
        samples = self._open_interest
        if len(samples) <= ticks or samples[-1 - ticks] <= 0:
            return None
        return 100 * (samples[-1] / samples[-1 - ticks] - 1)

    def _follow(self, points: int) -> None:
        """Up at once; down to what is measured after six quiet ticks."""
        measured = colour_of(points)
        if ASCENDING.index(measured) >= ASCENDING.index(self._colour):
            self._colour, self._quiet = measured, 0
            return
        self._quiet = self._quiet + 1 if points <= _QUIET_AT[self._colour] else 0
        if self._quiet >= QUIET_TICKS:
            self._colour, self._quiet = measured, 0

    def _unknown(self, reason: str, now_ms: int) -> CascadeReading:
        since_ms = self._since(Colour.UNKNOWN, now_ms)
        return CascadeReading(
            CascadeFormula.LEGACY,
            Colour.UNKNOWN,
            ZERO,
            None,
            None,
            None,
            (),
            ReversalQuality.POOR,
            since_ms,
            now_ms,
            reason,
        )

    def _since(self, shown: Colour, now_ms: int) -> int:
        if shown is not self._shown:
            self._shown, self._since_ms = shown, now_ms
        return self._since_ms
