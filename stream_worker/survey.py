"""What is measured of each watched symbol beside its windows, and of all of them together."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from undertow.adapters.aster.messages import Mark
from undertow.adapters.sqs.conditions_text import conditions_text
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import (
    AggregateCascade,
    CascadeFormula,
    CascadeReading,
    Colour,
    PercentileRank,
)
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import BestPrices, Candle, Liquidation, MarkPrice, OpenInterest, Venue
from undertow.ports import Clock, Measurements
from undertow.signals.atr import WARM_UP
from undertow.signals.cascade import AggregateDetector
from undertow.signals.market import SymbolMarket
from undertow.signals.percentile import DAYS
from undertow.signals.vwap import vwap_interval_s

SYMBOLS_PER_TURN: Final = 32
"""After measuring so many symbols the sockets get their turn."""
ATR_CANDLES: Final = max(98, WARM_UP + 1)
"""Fetched to begin with: more than twice the warm-up, and with the open one still a request of weight 1."""
FLOW_DAYS: Final = 1
NOTHING: Final = "null"

Prices = Callable[[Symbol], tuple[BestPrices | None, MarkPrice | None]]
"""Best prices and mark price of a symbol as they stand now."""
Readings = Mapping[CascadeFormula, CascadeReading]


def candle_needs(measurements: Mapping[Symbol, Measurements]) -> dict[tuple[Symbol, int], int]:
    """How many closed candles of which length in seconds each symbol needs."""
    needs: dict[tuple[Symbol, int], int] = {}
    for symbol, wanted in measurements.items():
        for interval_s in wanted.atr_intervals_s:
            needs[symbol, interval_s] = max(ATR_CANDLES, needs.get((symbol, interval_s), 0))
        for minutes in wanted.vwap_minutes:
            interval_s = vwap_interval_s(minutes)
            count = minutes * 60 // interval_s
            needs[symbol, interval_s] = max(count, needs.get((symbol, interval_s), 0))
    return needs


@dataclass(slots=True)
class _Watched:
    """One symbol: its signals, how far its past is known, and its conditions as text until they change."""

    market: SymbolMarket
    wanted: Measurements
    began_ms: int
    readings: Readings = field(default_factory=dict)
    past_known: bool = False
    past_is_read: bool = False
    early: set[LiquidationId] = field(default_factory=set)
    """Events of before ``began_ms`` that came late and were counted live."""
    text: str | None = None


class Survey:
    """Everything that is measured beside windows. Only what a strategy asks for has a past and candles."""

    def __init__(self, venue: Venue, prices: Prices, clock: Clock) -> None:
        self._venue = venue
        self._prices = prices
        self._clock = clock
        self._watched: dict[Symbol, _Watched] = {}
        self._detectors = {formula: AggregateDetector() for formula in CascadeFormula}
        self._aggregates: dict[CascadeFormula, AggregateCascade] = {}

    def watch(self, measurements: Mapping[Symbol, Measurements]) -> frozenset[Symbol]:
        """Measure these symbols and no others. Returns those of which something else is asked than before."""
        changed = {
            symbol
            for symbol, wanted in measurements.items()
            if symbol not in self._watched or self._watched[symbol].wanted != wanted
        }
        self._watched = {
            symbol: self._asked(symbol, wanted) if symbol in changed else self._watched[symbol]
            for symbol, wanted in measurements.items()
        }
        return frozenset(changed)

    def _asked(self, symbol: Symbol, wanted: Measurements) -> _Watched:
        watched = self._watched.get(symbol)
        if watched is None or (wanted.percentile and not watched.wanted.percentile):
            # A percentile needs its past, which must not be added a second time to what has counted it already.
            return _Watched(SymbolMarket(wanted), wanted, self._clock.now_ms())
        watched.market.measure(wanted)
        watched.wanted, watched.text = wanted, None
        return watched

    # --- what is heard ----------------------------------------------------------------------------------------------

    def hear(self, liquidation: Liquidation) -> PercentileRank | None:
        """Count a liquidation. Returns where it stands among those before it, where a strategy asks for that."""
        watched = self._watched.get(liquidation.symbol)
        if watched is None:
            return None
        if liquidation.event_time_ms < watched.began_ms and not watched.past_known:
            watched.early.add(liquidation.id)
        return watched.market.on_liquidation(liquidation)

    def hear_marks(self, marks: Iterable[Mark]) -> None:
        for mark in marks:
            watched = self._watched.get(mark.symbol)
            if watched is not None:
                watched.market.on_mark(mark.mark)

    def hear_candle(self, symbol: Symbol, interval_s: int, candle: Candle) -> None:
        watched = self._watched.get(symbol)
        if watched is not None:
            watched.market.on_candle(interval_s, candle)
            watched.text = None

    def hear_open_interest(self, symbol: Symbol, sample: OpenInterest) -> None:
        watched = self._watched.get(symbol)
        if watched is not None:
            watched.market.on_open_interest(sample)

    # --- the past ---------------------------------------------------------------------------------------------------

    def without_history(self) -> Mapping[Symbol, int]:
        """By symbol, how many days back: a month for its percentile, a day for what is usual in it.

        Whoever asks reads them. A symbol that is watched anew meanwhile has no part in that, but in the next reading.
        """
        unread = {symbol: watched for symbol, watched in self._watched.items() if not watched.past_known}
        for watched in unread.values():
            watched.past_is_read = True
        return {symbol: DAYS if watched.wanted.percentile else FLOW_DAYS for symbol, watched in unread.items()}

    def remember(self, liquidation: Liquidation) -> None:
        """Count an event of the past, unless it was counted when it came."""
        watched = self._watched.get(liquidation.symbol)
        if watched is None or watched.past_known or not watched.past_is_read:
            return
        if liquidation.event_time_ms < watched.began_ms and liquidation.id not in watched.early:
            watched.market.remember(liquidation)

    def remembered(self, symbols: Collection[Symbol], _since_ms: int) -> None:
        for symbol in symbols:
            watched = self._watched.get(symbol)
            if watched is not None and watched.past_is_read:
                watched.past_known = True
                watched.early.clear()
                watched.market.remembered()

    # --- every second -----------------------------------------------------------------------------------------------

    async def tick(self, now_ms: int) -> bool:
        """Measure the cascades of every symbol and of all together. True where a colour or an aggregate changed."""
        changed = False
        for number, (symbol, watched) in enumerate(list(self._watched.items()), 1):
            book, _ = self._prices(symbol)
            if book is not None:
                watched.market.on_book(book)
            readings = watched.market.tick(now_ms)
            changed = changed or _colours(readings) != _colours(watched.readings)
            watched.readings, watched.text = readings, None
            if number % SYMBOLS_PER_TURN == 0:
                await asyncio.sleep(0)
        before = {formula: one.blocked for formula, one in self._aggregates.items()}
        for formula, detector in self._detectors.items():
            found = [watched.readings[formula] for watched in self._watched.values() if formula in watched.readings]
            self._aggregates[formula] = detector.update(found, now_ms)
        return changed or before != {formula: one.blocked for formula, one in self._aggregates.items()}

    # --- what is told -----------------------------------------------------------------------------------------------

    def text_of(self, symbol: Symbol) -> str:
        """The conditions of ``symbol`` as they go into a message. Made once for as long as they hold."""
        watched = self._watched.get(symbol)
        if watched is None:
            return NOTHING
        if watched.text is None:
            watched.text = conditions_text(watched.market.conditions(self._clock.now_ms(), self._aggregates))
        return watched.text

    def state(self, open_interest_served: bool) -> CascadeState:
        return CascadeState(
            self._venue,
            self._clock.now_ms(),
            open_interest_served,
            dict(self._aggregates),
            {symbol: watched.readings for symbol, watched in self._watched.items()},
        )


def _colours(readings: Readings) -> dict[CascadeFormula, Colour]:
    return {formula: reading.colour for formula, reading in readings.items()}
