"""The price of one symbol at any time: through every print of the tape, Brownian between them and beyond.

Floats are admitted here: this invents a market, it books no money. What leaves for the venue is rounded to ticks.
"""

import math
import statistics
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from local.venue.chance import normal, seed_of, uniform
from local.venue.tape import MINUTE_MS, TapeCandle, TapeFrame

from undertow.domain.ids import Symbol

TILE_BITS: Final = 28
FINEST_BITS: Final = 9
"""Levels reach from tiles of 2**28 ms (three days) down to 2**9 ms; below that the motion is straight."""

_USUAL_VOLATILITY: Final = 0.0020
_LEAST_VOLATILITY: Final = 0.0015
_MOST_VOLATILITY: Final = 0.0050
"""Of the price's logarithm over one minute of tape. The least still moves a price by 1 % within some three quarters of
an hour of tape, so that a stop and a target that far away are both reached."""


class BrownianMotion:
    """Standard Brownian motion in units of one minute, known at every time without its history.

    Lévy's construction: the sum of one tent per dyadic level, each with a normal height drawn from the seed and the
    tent's number. It returns to zero where tiles meet, so that a market that runs for weeks neither dies nor explodes.
    """

    def __init__(self, seed: int) -> None:
        spans = [1 << length for length in range(TILE_BITS, FINEST_BITS - 1, -1)]
        # A Brownian bridge over a span has the standard deviation sqrt(span) / 2 in its middle.
        self._levels = [
            (span, seed_of(seed, level), math.sqrt(span / MINUTE_MS) / 2) for level, span in enumerate(spans)
        ]
        self._cells: list[tuple[int, float]] = [(0, math.nan)] * len(spans)

    def at(self, tape_ms: float) -> float:
        total = 0.0
        cells = self._cells
        for level, (span, seed, scale) in enumerate(self._levels):
            place = tape_ms / span
            cell = math.floor(place)
            known, height = cells[level]
            if cell != known or height != height:
                height = scale * normal(seed, cell)
                cells[level] = (cell, height)
            total += height * (1.0 - abs(2.0 * (place - cell) - 1.0))
        return total


class PricePath:
    """``volatility`` is the standard deviation of the price's logarithm over one minute.

    ``prints`` maps tape times to prices that the path takes exactly; ``candles`` bound it, minute by minute, and it
    touches their open, high, low and close. Where a print lies outside its candle the candle is widened.
    """

    def __init__(
        self,
        symbol: Symbol,
        prints: Mapping[int, Decimal],
        candles: Sequence[TapeCandle],
        volatility: float,
        seed: int,
    ) -> None:
        if not prints and not candles:
            raise ValueError(f"{symbol}: a path needs at least one price to pass through")
        own_seed = seed_of("path", seed, symbol)
        self._motion = BrownianMotion(own_seed)
        self._volatility = volatility
        self._exact = {**_touched(candles, own_seed), **prints}
        self._times = sorted(self._exact)
        self._logs = [math.log(self._exact[time]) for time in self._times]
        self._motions: list[float | None] = [None] * len(self._times)
        self._bounds = _bounds(candles, prints)

    def exact(self, tape_ms: float) -> Decimal | None:
        """The price that the tape gives for this very millisecond, if it gives one."""
        return self._exact.get(int(tape_ms)) if tape_ms == int(tape_ms) else None

    def bounds(self, tape_ms: float) -> tuple[Decimal, Decimal] | None:
        """Low and high of the candle of this minute, if there is one."""
        return self._bounds.get(math.floor(tape_ms / MINUTE_MS))

    def at(self, tape_ms: float) -> float:
        after = bisect_right(self._times, tape_ms)
        if after == 0:
            log = self._beyond(0, tape_ms)
        elif after == len(self._times):
            log = self._beyond(after - 1, tape_ms)
        else:
            log = self._between(after - 1, after, tape_ms)
        bounds = self.bounds(tape_ms)
        return math.exp(log if bounds is None else _folded(log, math.log(bounds[0]), math.log(bounds[1])))

    def _between(self, left: int, right: int, tape_ms: float) -> float:
        """A Brownian bridge: the motion, minus the straight line between its ends, plus that of the prices."""
        start, end = self._times[left], self._times[right]
        share = (tape_ms - start) / (end - start)
        line = self._logs[left] + share * (self._logs[right] - self._logs[left])
        begun = self._motion_at(left)
        straight = begun + share * (self._motion_at(right) - begun)
        return line + self._volatility * (self._motion.at(tape_ms) - straight)

    def _beyond(self, nearest: int, tape_ms: float) -> float:
        return self._logs[nearest] + self._volatility * (self._motion.at(tape_ms) - self._motion_at(nearest))

    def _motion_at(self, index: int) -> float:
        known = self._motions[index]
        if known is None:
            known = self._motions[index] = self._motion.at(self._times[index])
        return known


def _touched(candles: Sequence[TapeCandle], seed: int) -> dict[int, Decimal]:
    """Each candle's four prices, open and close at its edges, high and low at moments drawn from the seed."""
    touched: dict[int, Decimal] = {}
    for candle in candles:
        first = candle.open_time_ms
        high_at = first + 1_000 + int(28_000 * uniform(seed, first))
        low_at = first + 30_000 + int(28_000 * uniform(seed, first + 1))
        if uniform(seed, first + 2) < 0.5:
            high_at, low_at = low_at, high_at
        touched |= {first: candle.open, high_at: candle.high, low_at: candle.low, first + MINUTE_MS - 1: candle.close}
    return touched


def _bounds(candles: Sequence[TapeCandle], prints: Mapping[int, Decimal]) -> dict[int, tuple[Decimal, Decimal]]:
    bounds = {candle.open_time_ms // MINUTE_MS: (candle.low, candle.high) for candle in candles}
    for time, price in prints.items():
        inside = bounds.get(time // MINUTE_MS)
        if inside is not None:
            bounds[time // MINUTE_MS] = (min(inside[0], price), max(inside[1], price))
    return bounds


def _folded(value: float, low: float, high: float) -> float:
    """``value`` reflected at ``low`` and ``high`` as often as it takes; a value inside stays."""
    width = high - low
    if low <= value <= high:
        return value
    if width <= 0:
        return low
    offset = (value - low) % (2 * width)
    return low + (offset if offset <= width else 2 * width - offset)


def volatility_of(frames: Sequence[TapeFrame]) -> float:
    """Per square root of a minute, from the steps between prints (by trade time), within bounds."""
    steps = [
        abs(math.log(float(after.price) / float(before.price))) / math.sqrt((after.trade_ms - before.trade_ms) / 60_000)
        for before, after in pairwise(frames)
        if after.trade_ms > before.trade_ms
    ]
    if len(steps) < 8:
        return _USUAL_VOLATILITY
    # The median of the absolute value of a normal is 0.6745 standard deviations.
    return min(max(statistics.median(steps) / 0.6745, _LEAST_VOLATILITY), _MOST_VOLATILITY)
