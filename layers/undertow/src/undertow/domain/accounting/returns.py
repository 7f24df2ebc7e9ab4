"""What equity did over time, net of what was put in and taken out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from undertow.domain.accounting.capital import Flow
from undertow.domain.accounting.profit import QUOTE
from undertow.domain.numbers import HUNDRED, ONE, ZERO

DAY_MS: Final = 86_400_000
LEAST_DAYS: Final = 7
"""Daily returns below which no Sharpe ratio is told."""
_DAYS_A_YEAR: Final = Decimal(365)


@dataclass(frozen=True, slots=True)
class EquityPoint:
    time_ms: int
    equity: Decimal


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall below an earlier peak. ``amount`` is in quote units at the capital of then."""

    pct: Decimal
    amount: Decimal
    peak_ms: int
    trough_ms: int


@dataclass(frozen=True, slots=True)
class Curve:
    """``index`` begins at 1 and grows as one unit of capital would have that was there from the beginning on.

    ``net`` is equity less all that came in since the first point.
    """

    points: Sequence[EquityPoint]
    index: Sequence[Decimal]
    net: Sequence[Decimal]

    @property
    def time_weighted_pct(self) -> Decimal | None:
        return HUNDRED * (self.index[-1] - ONE) if len(self.index) > 1 else None


class NoReturn(ValueError):
    """Equity stood at or below zero with something to gain from there: no return can be told."""


def curve(points: Sequence[EquityPoint], flows: Iterable[Flow]) -> Curve:
    """``points`` oldest first. A flow counts from its own time on: between two points equity changed by the flow and
    by the factor E_end / (E_start + flow). Raises NoReturn.
    """
    pending = sorted((flow for flow in flows if flow.asset == QUOTE), key=lambda flow: flow.time_ms)
    start_ms = points[0].time_ms if points else 0
    taken = sum(1 for flow in pending if flow.time_ms <= start_ms)
    index, net, flowed = [ONE] * bool(points), [point.equity for point in points[:1]], ZERO
    for before, after in pairwise(points):
        came = ZERO
        while taken < len(pending) and pending[taken].time_ms <= after.time_ms:
            came += pending[taken].amount
            taken += 1
        flowed += came
        index.append(index[-1] * _factor(before.equity + came, after.equity, after.time_ms))
        net.append(after.equity - flowed)
    return Curve(points, index, net)


def _factor(start: Decimal, end: Decimal, time_ms: int) -> Decimal:
    if start == end:
        return ONE
    if start <= 0 or end < 0:
        raise NoReturn(f"equity stood at {min(start, end)} at {time_ms} ms")
    return end / start


def drawdown(of: Curve) -> Drawdown | None:
    """By the index, so that a withdrawal is no loss and a deposit hides none."""
    deepest: Drawdown | None = None
    peak = 0
    for now in range(1, len(of.index)):
        if of.index[now] >= of.index[peak]:
            peak = now
            continue
        fall = HUNDRED * (ONE - of.index[now] / of.index[peak])
        if deepest is None or fall > deepest.pct:
            lost = of.net[peak] - of.net[now]
            deepest = Drawdown(fall, lost, of.points[peak].time_ms, of.points[now].time_ms)
    return deepest


def sharpe(of: Curve) -> Decimal | None:
    """Mean over deviation of the daily returns, times the root of 365. None below 7 days or without any deviation."""
    ends: dict[int, Decimal] = {}
    for point, index in zip(of.points, of.index, strict=True):
        ends[point.time_ms // DAY_MS] = index
    closes = [ends[day] for day in sorted(ends)]
    daily = [after / before - ONE for before, after in pairwise(closes) if before]
    if len(daily) < LEAST_DAYS:
        return None
    mean = sum(daily, ZERO) / len(daily)
    variance = sum(((one - mean) ** 2 for one in daily), ZERO) / (len(daily) - 1)
    if variance == 0:
        return None
    return mean / variance.sqrt() * _DAYS_A_YEAR.sqrt()
