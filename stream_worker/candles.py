"""Closed candles of the asked symbols: from the stream as they close, from REST at the start and after gaps.

What is missing is a state, not an event: whatever the cause, a candle that should be there by now and is not is
fetched. A candle is handed on once and in order; where the venue itself has a hole there is one.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol

from undertow.adapters.aster.messages import Kline
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.ids import Symbol
from undertow.domain.market import Candle
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import Clock

logger = logging.getLogger(__name__)

LONGEST_FETCH: Final = 1_000
REQUEST_EVERY_S: Final = 0.5
"""Two requests of weight 1 or 2 a second: a tenth of what an address may use, and only while something is missing."""
AGAIN_AFTER_MS: Final = 30_000
"""A symbol whose candle the venue itself does not have yet is not asked for it over and over."""
GRACE_MS: Final = 5_000
"""How late after its end the stream may bring a closed candle before it is fetched."""

Pair = tuple[Symbol, int]
"""A symbol and a candle length in seconds."""

Take = Callable[[Symbol, int, Candle], None]
"""Given a closed candle, its length in seconds before it. Whoever averages looks whether it follows the last one."""


class CandleSource(Protocol):
    """Blocking, and called in a thread. Raises VenueUnreachable or VenueReadFailed."""

    def fetch_candles(self, symbol: Symbol, interval_s: int, limit: int) -> Sequence[Candle]: ...


class _Series:
    __slots__ = ("asked_at_ms", "last_open_ms", "length")

    def __init__(self, length: int) -> None:
        self.length = length
        self.last_open_ms: int | None = None
        self.asked_at_ms = -AGAIN_AFTER_MS


class Candles:
    def __init__(self, source: CandleSource, take: Take, clock: Clock) -> None:
        self._source = source
        self._take = take
        self._clock = clock
        self._series: dict[Pair, _Series] = {}
        self.fetches = 0
        self.failures = 0

    def watch(self, wanted: Mapping[Pair, int], anew: Collection[Symbol] = ()) -> None:
        """Follow these pairs and no others; the number is how many closed candles each needs to begin with.

        Those of ``anew`` are handed on from the beginning.
        """
        for pair in [pair for pair in self._series if pair not in wanted or pair[0] in anew]:
            del self._series[pair]
        for pair, length in wanted.items():
            series = self._series.get(pair)
            if series is None or series.length < length:
                self._series[pair] = _Series(length)

    @property
    def pairs(self) -> Iterable[Pair]:
        return self._series.keys()

    def hear(self, kline: Kline) -> None:
        """A frame of the stream. Candles that are still open say nothing yet. Raises BadFrame."""
        if not kline.low <= min(kline.open, kline.close) <= max(kline.open, kline.close) <= kline.high:
            raise BadFrame("lies outside of low and high", "k", f"o {kline.open} c {kline.close}")
        interval_s = (kline.close_time_ms + 1 - kline.open_time_ms) // 1000
        series = self._series.get((kline.symbol, interval_s))
        # Without a beginning there is nothing that this one could follow: the fetch will bring it.
        if not kline.closed or series is None or series.last_open_ms is None:
            return
        if kline.open_time_ms == series.last_open_ms + interval_s * 1000:
            self._hand_on(kline.symbol, interval_s, _candle(kline), series)

    @property
    def missing(self) -> int:
        """Pairs that lack a candle which should be there by now."""
        now_ms = self._clock.now_ms()
        return sum(self._lacks(pair, series, now_ms) for pair, series in self._series.items())

    async def run(self, every_s: float = REQUEST_EVERY_S) -> None:
        """Fetch what is missing, one after the other, for ever."""
        while True:
            await asyncio.sleep(every_s)
            pair = self._most_missing()
            if pair is not None:
                await self._fetch(pair)

    def _most_missing(self) -> Pair | None:
        """Of the pairs that lack a closed candle the one that was asked for longest ago."""
        now_ms = self._clock.now_ms()
        missing = [
            (series.asked_at_ms, pair)
            for pair, series in self._series.items()
            if now_ms - series.asked_at_ms >= AGAIN_AFTER_MS and self._lacks(pair, series, now_ms)
        ]
        return min(missing)[1] if missing else None

    def _lacks(self, pair: Pair, series: _Series, now_ms: int) -> bool:
        if series.last_open_ms is None:
            return True
        length_ms = pair[1] * 1000
        return series.last_open_ms + 2 * length_ms + GRACE_MS <= now_ms

    async def _fetch(self, pair: Pair) -> None:
        symbol, interval_s = pair
        series = self._series[pair]
        series.asked_at_ms = self._clock.now_ms()
        self.fetches += 1
        try:
            # One more: the last one is still open.
            limit = min(series.length + 1, LONGEST_FETCH)
            candles = await asyncio.to_thread(self._source.fetch_candles, symbol, interval_s, limit)
        except (VenueUnreachable, VenueReadFailed) as error:
            self.failures += 1
            logger.warning(
                "candles not fetched", extra={"symbol": symbol, "interval_s": interval_s, "reason": str(error)}
            )
            return
        if self._series.get(pair) is series:
            self.learn(symbol, interval_s, candles)

    def learn(self, symbol: Symbol, interval_s: int, candles: Sequence[Candle]) -> None:
        """Hand on what is closed and new of ``candles``, oldest first."""
        series, now_ms = self._series[symbol, interval_s], self._clock.now_ms()
        for candle in candles:
            if candle.close_time_ms >= now_ms:
                break
            if series.last_open_ms is None or candle.open_time_ms > series.last_open_ms:
                self._hand_on(symbol, interval_s, candle, series)

    def _hand_on(self, symbol: Symbol, interval_s: int, candle: Candle, series: _Series) -> None:
        series.last_open_ms = candle.open_time_ms
        self._take(symbol, interval_s, candle)


def _candle(kline: Kline) -> Candle:
    return Candle(kline.open_time_ms, kline.close_time_ms, kline.open, kline.high, kline.low, kline.close, kline.volume)
