"""All that is measured of one symbol beside its windows, from what the stream worker hears."""

from collections.abc import Collection, Mapping
from typing import Final, Protocol

from undertow.domain.conditions import (
    AggregateCascade,
    CascadeFormula,
    CascadeReading,
    Conditions,
    PercentileRank,
)
from undertow.domain.market import BestPrices, Candle, Liquidation, MarkPrice, OpenInterest, Side
from undertow.signals.atr import AtrOfCandles
from undertow.signals.bias import bias_of
from undertow.signals.cascade import MagnitudeDetector
from undertow.signals.flow import Flow
from undertow.signals.legacy_cascade import TICK_MS as LEGACY_TICK_MS
from undertow.signals.legacy_cascade import LegacyDetector
from undertow.signals.percentile import PercentileSketch
from undertow.signals.returns import STALE_MS
from undertow.signals.vwap import VwapOfCandles, vwap_interval_s

BOOK_STALE_MS: Final = 60_000
"""Best prices are sent when they change; a book that did not for a minute says nothing of what is wanted now."""


class Wanted(Protocol):
    """What the strategies ask for. Cascades and bias are measured whether asked for or not."""

    @property
    def percentile(self) -> bool: ...

    @property
    def atr_intervals_s(self) -> Collection[int]: ...

    @property
    def vwap_minutes(self) -> Collection[int]: ...


class SymbolMarket:
    """Told what comes, and asked once a second. Times are the venue's, but for ``now_ms``, which is ours."""

    def __init__(self, wanted: Wanted) -> None:
        self._flows = {side: Flow() for side in Side}
        self._magnitude = MagnitudeDetector(self._flows)
        self._legacy = LegacyDetector()
        self._sketches: dict[Side, PercentileSketch] = {}
        self._atrs: dict[int, AtrOfCandles] = {}
        self._vwaps: dict[int, VwapOfCandles] = {}
        self._mark: MarkPrice | None = None
        self._book: BestPrices | None = None
        self._open_interest: OpenInterest | None = None
        self._readings: dict[CascadeFormula, CascadeReading] = {}
        self.measure(wanted)

    def measure(self, wanted: Wanted) -> None:
        """From now on this is asked for. What was measured before and is still asked for goes on."""
        self._sketches = {side: self._sketches.get(side, PercentileSketch()) for side in Side if wanted.percentile}
        self._atrs = {one: self._atrs.get(one) or AtrOfCandles(one) for one in wanted.atr_intervals_s}
        self._vwaps = {one: self._vwaps.get(one) or VwapOfCandles(one) for one in wanted.vwap_minutes}

    # --- liquidations -----------------------------------------------------------------------------------------------

    def on_liquidation(self, liquidation: Liquidation) -> PercentileRank | None:
        """Count it, and say where it stands among the earlier ones; None where no percentile is asked for."""
        sketch = self._sketches.get(liquidation.side)
        rank = None if sketch is None else sketch.rank(float(liquidation.notional), liquidation.event_time_ms)
        self.remember(liquidation)
        return rank

    def remember(self, liquidation: Liquidation) -> None:
        """Count one of the past, in any order. The caller sees to it that none is counted twice."""
        value, time_ms = float(liquidation.notional), liquidation.event_time_ms
        self._flows[liquidation.side].add(value, time_ms)
        sketch = self._sketches.get(liquidation.side)
        if sketch is not None:
            sketch.add(value, time_ms)

    def remembered(self) -> None:
        """The past has been read as far as percentiles reach: ranks are complete."""
        for sketch in self._sketches.values():
            sketch.complete = True

    # --- prices, candles, open interest -----------------------------------------------------------------------------

    def on_mark(self, mark: MarkPrice) -> None:
        """One that is older than the last, or has no price, is left out."""
        if mark.price > 0 and self._magnitude.on_mark(float(mark.price), mark.time_ms):
            self._mark = mark

    def on_book(self, book: BestPrices) -> None:
        self._book = book

    def on_candle(self, interval_s: int, candle: Candle) -> None:
        """A closed candle, oldest first. One that leaves a gap begins its averages anew."""
        if interval_s in self._atrs:
            self._atrs[interval_s].add(candle)
        for minutes, vwap in self._vwaps.items():
            if vwap_interval_s(minutes) == interval_s:
                vwap.add(candle)

    def on_open_interest(self, sample: OpenInterest) -> None:
        self._open_interest = sample
        self._magnitude.on_open_interest(float(sample.quantity), sample.time_ms)

    # --- what is asked ----------------------------------------------------------------------------------------------

    def tick(self, now_ms: int) -> Mapping[CascadeFormula, CascadeReading]:
        """The cascade by each formula as it stands now; by the published one as of its last 10 s."""
        last = self._readings.get(CascadeFormula.LEGACY)
        if last is None or now_ms // LEGACY_TICK_MS > last.measured_at_ms // LEGACY_TICK_MS:
            last = self._legacy_tick(now_ms)
        self._readings = {CascadeFormula.MAGNITUDE: self._magnitude.tick(now_ms), CascadeFormula.LEGACY: last}
        return self._readings

    def conditions(self, now_ms: int, aggregates: Mapping[CascadeFormula, AggregateCascade]) -> Conditions:
        """The market beside a message. What is stale at ``now_ms`` is left out."""
        atrs = {interval_s: atr.value(now_ms) for interval_s, atr in self._atrs.items()}
        vwaps = {minutes: vwap.value(now_ms) for minutes, vwap in self._vwaps.items()}
        book = self._book if self._book is not None and now_ms - self._book.time_ms <= BOOK_STALE_MS else None
        mark = self._fresh_mark(now_ms)
        return Conditions(
            atrs={interval_s: atr for interval_s, atr in atrs.items() if atr is not None},
            vwaps={minutes: vwap for minutes, vwap in vwaps.items() if vwap is not None},
            cascades=dict(self._readings),
            aggregates=dict(aggregates),
            bias=bias_of(book, None if mark is None else mark.funding_rate),
        )

    def _legacy_tick(self, now_ms: int) -> CascadeReading:
        mark, sample = self._fresh_mark(now_ms), self._open_interest
        return self._legacy.tick(
            self._flows[Side.SELL].trailing(now_ms),
            self._flows[Side.BUY].trailing(now_ms),
            None if mark is None else float(mark.price),
            None if sample is None else float(sample.quantity),
            now_ms,
        )

    def _fresh_mark(self, now_ms: int) -> MarkPrice | None:
        return self._mark if self._mark is not None and abs(now_ms - self._mark.time_ms) <= STALE_MS else None
