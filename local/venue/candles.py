"""Candles and the rolling day of one symbol, made from its beats.

A candle that is asked for while it is open, once a minute or more, is made of every beat; where there were too many
beats since the last time, and in candles of the past, evenly spaced ones stand for the others. The tape's prints are
always among them, so that no candle denies a price that traded.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from local.venue.beats import BEAT_MS, Moment, SymbolMarket
from local.venue.ports import Candle, CandleOf, Day

KEPT: Final = 500
_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
DAY_MS: Final = 24 * _HOUR
_SPANS: Final = {
    "1m": _MINUTE,
    "3m": 3 * _MINUTE,
    "5m": 5 * _MINUTE,
    "15m": 15 * _MINUTE,
    "30m": 30 * _MINUTE,
    "1h": _HOUR,
    "2h": 2 * _HOUR,
    "4h": 4 * _HOUR,
    "6h": 6 * _HOUR,
    "8h": 8 * _HOUR,
    "12h": 12 * _HOUR,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": 7 * DAY_MS,
}
INTERVALS: Final = (*_SPANS, "1M")
_FIRST_MONDAY_MS: Final = 4 * DAY_MS
_CLOSED_SAMPLES: Final = 6
_OPEN_SAMPLES: Final = 240
_DAY_SAMPLES: Final = 16
_DAY_KEPT_MS: Final = 300_000


class UnknownInterval(KeyError):
    """Not one of the venue's candle intervals."""


def opening(interval: str, time_ms: int) -> int:
    """When the candle that holds ``time_ms`` opened. Weeks begin on Monday, months on the first, in UTC."""
    if interval == "1M":
        moment = datetime.fromtimestamp(time_ms / 1_000, UTC)
        return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()) * 1_000
    if interval not in _SPANS:
        raise UnknownInterval(interval)
    span = _SPANS[interval]
    origin = _FIRST_MONDAY_MS if interval == "1w" else 0
    return origin + (time_ms - origin) // span * span


def next_opening(interval: str, open_ms: int) -> int:
    return opening(interval, open_ms + 32 * DAY_MS) if interval == "1M" else open_ms + _SPANS[interval]


@dataclass(slots=True)
class _Growing:
    """A candle while beats are added to it."""

    open_ms: int
    close_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = Decimal(0)
    quote_volume: Decimal = Decimal(0)
    taker_buy: Decimal = Decimal(0)
    taker_buy_quote: Decimal = Decimal(0)
    trades: int = 0

    def add_price(self, price: Decimal) -> None:
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price

    def add_trade(self, price: Decimal, quantity: Decimal, sells: bool, weight: int) -> None:
        self.trades += weight
        self.volume += quantity * weight
        self.quote_volume += quantity * price * weight
        if not sells:
            self.taker_buy += quantity * weight
            self.taker_buy_quote += quantity * price * weight

    def candle(self) -> Candle:
        return Candle(
            self.open_ms,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.close_ms,
            self.quote_volume,
            self.trades,
            self.taker_buy,
            self.taker_buy_quote,
        )


class CandleSeries:
    """The last candles of one interval, extended whenever they are asked for."""

    def __init__(self, market: SymbolMarket, interval: str, of: CandleOf) -> None:
        self._market = market
        self._interval = interval
        self._of = of
        self._closed: deque[Candle] = deque(maxlen=KEPT - 1)
        self._reaches_back = False
        self._open: _Growing | None = None
        self._upto_ms = 0

    def upto(self, now_ms: int) -> Sequence[Candle]:
        """Oldest first; the last one is still open."""
        latest = self.latest(now_ms)
        if not self._reaches_back:
            self._reaches_back = True
            first_ms = self._closed[0].open_time_ms if self._closed else latest.open_time_ms
            for open_ms in self._openings(first_ms, KEPT - 1 - len(self._closed)):
                self._closed.appendleft(self._whole(open_ms, _CLOSED_SAMPLES).candle())
        return [*self._closed, latest]

    def latest_two(self, now_ms: int) -> Sequence[Candle]:
        """The last closed candle, if this series has seen it close or reaches back, and the open one."""
        latest = self.latest(now_ms)
        return [self._closed[-1], latest] if self._closed else [latest]

    def latest(self, now_ms: int) -> Candle:
        """The open candle alone, without the history."""
        growing = self._open
        if growing is not None and now_ms > growing.close_ms:
            self._grow(growing, growing.close_ms)
            self._closed.append(growing.candle())
            self._fill_gap(growing.close_ms + 1, opening(self._interval, now_ms))
            growing = None
        if growing is None:
            growing = self._open = self._whole(opening(self._interval, now_ms), _OPEN_SAMPLES, now_ms)
            self._upto_ms = now_ms
        else:
            self._grow(growing, now_ms)
        return growing.candle()

    def _fill_gap(self, from_ms: int, before_ms: int) -> None:
        """Candles that came and went while nobody asked."""
        missed = [open_ms for open_ms in self._openings(before_ms, KEPT - 1) if open_ms >= from_ms]
        for open_ms in reversed(missed):
            self._closed.append(self._whole(open_ms, _CLOSED_SAMPLES).candle())

    def _openings(self, before_ms: int, count: int) -> Iterator[int]:
        """Of the ``count`` candles before the one that opens at ``before_ms``, latest first."""
        open_ms = before_ms
        for _ in range(count):
            if open_ms < 40 * DAY_MS:
                return
            open_ms = opening(self._interval, open_ms - 1)
            yield open_ms

    def _grow(self, growing: _Growing, upto_ms: int) -> None:
        if upto_ms > self._upto_ms:
            for moment, weight in _sampled(self._market, self._upto_ms + 1, upto_ms, _OPEN_SAMPLES):
                self._add(growing, moment, weight)
            self._upto_ms = upto_ms

    def _whole(self, open_ms: int, samples: int, upto_ms: int | None = None) -> _Growing:
        close_ms = next_opening(self._interval, open_ms) - 1
        end_ms = close_ms if upto_ms is None else upto_ms
        price = self._price(self._market.moment_at(open_ms))
        growing = _Growing(open_ms, close_ms, price, price, price, price)
        for moment, weight in _sampled(self._market, open_ms, end_ms, samples):
            self._add(growing, moment, weight)
        return growing

    def _add(self, growing: _Growing, moment: Moment, weight: int) -> None:
        price = self._price(moment)
        growing.add_price(price)
        if self._of is CandleOf.LAST:
            quantity = self._market.quantity_at(moment, price)
            growing.add_trade(price, quantity, self._market.seller_takes(moment), weight)
        else:
            growing.trades += weight

    def _price(self, moment: Moment) -> Decimal:
        if self._of is CandleOf.LAST:
            return self._market.last_at(moment)
        mark, index = self._market.mark_and_index(moment.time_ms)
        return mark if self._of is CandleOf.MARK else index


def _sampled(market: SymbolMarket, from_ms: int, to_ms: int, samples: int) -> Iterator[tuple[Moment, int]]:
    """At most about ``samples`` beats of the grid with the number of beats that each stands for, and every print."""
    stride_ms = max(BEAT_MS, -(-(to_ms - from_ms) // samples))
    taken = {moment.time_ms: (moment, 1) for moment in market.printed_between(from_ms, to_ms)}
    for time_ms in range(from_ms + stride_ms - 1, to_ms, stride_ms):
        moment = market.moment_at(time_ms)
        if moment.time_ms >= from_ms and moment.taped is None:
            taken.setdefault(moment.time_ms, (moment, stride_ms // BEAT_MS))
    last = market.moment_at(to_ms)
    if last.time_ms >= from_ms:
        taken.setdefault(last.time_ms, (last, 1))
    return iter([taken[time_ms] for time_ms in sorted(taken)])


class RollingDay:
    """The last 24 hours from some beats and all prints; its past is computed every few minutes."""

    def __init__(self, market: SymbolMarket) -> None:
        self._market = market
        self._known: tuple[int, Day] | None = None

    def upto(self, now_ms: int) -> Day:
        if self._known is None or now_ms - self._known[0] >= _DAY_KEPT_MS:
            self._known = (now_ms, self._computed(now_ms))
        past = self._known[1]
        beat = self._market.beat_at(now_ms)
        price = beat.trade.price
        return Day(
            past.open,
            max(past.high, price),
            min(past.low, price),
            price,
            beat.trade.quantity,
            past.volume,
            past.quote_volume,
            past.open_time_ms,
            now_ms,
            past.first_id,
            beat.number,
            beat.number - past.first_id + 1,
        )

    def _computed(self, now_ms: int) -> Day:
        from_ms = now_ms - DAY_MS
        first, last = self._market.moment_at(from_ms), self._market.moment_at(now_ms)
        price = self._market.last_at(first)
        growing = _Growing(from_ms, now_ms, price, price, price, price)
        for moment, weight in _sampled(self._market, from_ms, now_ms, _DAY_SAMPLES):
            trade = self._market.trade_at(moment)
            growing.add_price(trade.price)
            growing.add_trade(trade.price, trade.quantity, trade.buyer_is_maker, weight)
        return Day(
            growing.open,
            growing.high,
            growing.low,
            growing.close,
            self._market.trade_at(last).quantity,
            growing.volume,
            growing.quote_volume,
            from_ms,
            now_ms,
            first.number,
            last.number,
            last.number - first.number + 1,
        )
