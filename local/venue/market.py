"""The market of the simulated venue: a tape's liquidations, and around each symbol's prints a market that lives.

Pure: the time is passed in, chance follows from the seed. Nothing is computed for a symbol that nobody watches or asks
for, so that hundreds of them cost nothing.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from local.venue.beats import BEAT_MS, Moment, SymbolMarket
from local.venue.book_around import book_around
from local.venue.candles import CandleSeries, RollingDay
from local.venue.funding import FundingSchedule
from local.venue.happenings import FundingDue, Liquidated, MarketEvent, Ticked
from local.venue.listings import contract_of, is_listed
from local.venue.path import PricePath, volatility_of
from local.venue.ports import Candle, CandleOf, Day, Funding, FundingPayment, Print, Progress, Quote
from local.venue.tape import Tape, TapeFrame, Timing
from local.venue.throttle import throttled

from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.depth import Level
from undertow.domain.ids import Symbol

BOOK_LEVELS: Final = 100
"""How deep the published book is on each side."""
PRINTS_KEPT: Final = 1_000
_OPENS_BEFORE_MS: Final = 1_500
"""The market opens this long before the tape begins: a liquidation is told up to that much later than it traded."""


@dataclass(frozen=True, slots=True)
class _Pushed:
    """A forceOrder message with its time on the wall clock."""

    time_ms: int
    frame: TapeFrame


class TapeMarket:
    """Implements `local.venue.ports.Market`: reads answer for the time of the last ``until``."""

    def __init__(
        self,
        tape: Tape,
        *,
        seed: int,
        speed: float,
        start_ms: int,
        opens_ms: int | None = None,
        beat_ms: int = BEAT_MS,
    ) -> None:
        """The tape begins at ``start_ms``. The market opens at ``opens_ms``, shortly before unless given."""
        if not math.isfinite(speed) or speed <= 0:
            raise ValueError(f"speed {speed}: a tape runs forward")
        self.tape = tape
        self._seed = seed
        self._beat_ms = beat_ms
        self._now_ms = start_ms - _OPENS_BEFORE_MS if opens_ms is None else opens_ms
        self._frames: defaultdict[Symbol, list[TapeFrame]] = defaultdict(list)
        for frame in tape.frames:
            self._frames[frame.symbol].append(frame)
        known = dict.fromkeys([*self._frames, *tape.candles])
        self._symbols = tuple(symbol for symbol in known if is_listed(symbol))
        self._contracts: dict[Symbol, Contract] = {}
        self._fundings: dict[Symbol, FundingSchedule] = {}
        self._watchers: dict[str, frozenset[Symbol]] = {}
        self._watched: tuple[Symbol, ...] = ()
        self.begin(start_ms, speed)

    def begin(self, start_ms: int, speed: float) -> None:
        """Play the tape from its beginning at ``start_ms``. Prices move on from where they then are on its path."""
        self.timing = Timing(self.tape.start_ms, start_ms, speed)
        self._markets: dict[Symbol, SymbolMarket] = {}
        self._series: dict[tuple[Symbol, str, CandleOf], CandleSeries] = {}
        self._days: dict[Symbol, RollingDay] = {}
        self._pushes = [_Pushed(self.timing.wall(at_ms), frame) for at_ms, frame in throttled(self.tape.frames)]
        self._played = 0
        self._pushed = 0
        self._distinct: set[tuple[Symbol, int, str, str, str]] = set()

    # --- time -------------------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        return self._now_ms

    @property
    def tape_position_ms(self) -> int:
        """Milliseconds of tape since its beginning, at most its length."""
        position_ms = int((self._now_ms - self.timing.start_ms) * self.timing.speed)
        return min(max(position_ms, 0), self.tape.length_ms)

    def watch(self, watcher: str, symbols: Iterable[Symbol]) -> None:
        """From now on ``watcher`` needs the beats of ``symbols`` and of no others. Unknown symbols have none."""
        self._watchers[watcher] = frozenset(symbols)
        wanted = frozenset().union(*self._watchers.values())
        self._watched = tuple(symbol for symbol in self._symbols if symbol in wanted)

    def until(self, now_ms: int) -> Sequence[MarketEvent]:
        """What happened after the last call and not later than ``now_ms``, in order of time. Reads answer for then."""
        after_ms, self._now_ms = self._now_ms, max(self._now_ms, now_ms)
        return list(self._events(after_ms, self._now_ms))

    def is_fresh(self, symbol: Symbol) -> bool:
        """A tape's market always knows its prices."""
        return symbol in self._symbols

    def _events(self, after_ms: int, upto_ms: int) -> Iterator[MarketEvent]:
        due: list[tuple[int, int, Symbol, Moment | None]] = []
        for symbol in self._watched:
            due.extend(
                (moment.time_ms, 0, symbol, moment) for moment in self._market(symbol).moments(after_ms, upto_ms)
            )
            paid_ms = self._funding(symbol).next_after(after_ms)
            if paid_ms <= upto_ms:
                due.append((paid_ms, 1, symbol, None))
        due.sort(key=lambda entry: entry[:3])
        pushes = self._due_pushes(upto_ms)
        position = 0
        for time_ms, _, symbol, moment in due:
            while position < len(pushes) and pushes[position].time_ms < time_ms:
                yield self._liquidated(pushes[position])
                position += 1
            if moment is None:
                yield FundingDue(time_ms, symbol, self._funding(symbol).rate_due(time_ms))
            else:
                beat = self._market(symbol).beat(moment)
                yield Ticked(time_ms, symbol, beat.quote, beat.trade)
        for push in pushes[position:]:
            yield self._liquidated(push)

    def _due_pushes(self, upto_ms: int) -> Sequence[_Pushed]:
        first = self._pushed
        while self._pushed < len(self._pushes) and self._pushes[self._pushed].time_ms <= upto_ms:
            order = self._pushes[self._pushed].frame
            self._distinct.add((order.symbol, order.trade_ms, order.order["S"], order.order["z"], order.order["ap"]))
            self._pushed += 1
        frames = self.tape.frames
        while self._played < len(frames) and self.timing.wall(frames[self._played].event_ms) <= upto_ms:
            self._played += 1
        return self._pushes[first : self._pushed]

    def _liquidated(self, push: _Pushed) -> Liquidated:
        payload = push.frame.payload(push.time_ms, self.timing.wall(push.frame.trade_ms))
        return Liquidated(push.time_ms, push.frame.symbol, payload)

    # --- what stands now --------------------------------------------------------------------------------------------

    def symbols(self) -> Sequence[Symbol]:
        return self._symbols

    def contract(self, symbol: Symbol) -> Contract:
        known = self._contracts.get(symbol)
        if known is None:
            if symbol not in self._symbols:
                raise KeyError(symbol)
            candles = self.tape.candles.get(symbol, ())
            known = contract_of(symbol, self._frames.get(symbol, ()), candles, self.timing.start_ms)
            self._contracts[symbol] = known
        return known

    def quote(self, symbol: Symbol) -> Quote:
        return self._market(symbol).beat_at(self._now_ms).quote

    def quotes(self, symbol: Symbol, after_ms: int) -> Sequence[Quote]:
        """Every state of the market since ``after_ms``, oldest first."""
        market = self._market(symbol)
        return [market.beat(moment).quote for moment in market.moments(after_ms, self._now_ms)]

    def update_id(self, symbol: Symbol) -> int:
        return self._market(symbol).number_at(self._now_ms)

    def depth(self, symbol: Symbol, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
        return self.book(symbol, self.quote(symbol), min(limit, BOOK_LEVELS))

    def book(self, symbol: Symbol, quote: Quote, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
        """Bids and asks of ``limit`` levels around ``quote``."""
        return book_around(quote, self.contract(symbol).instrument.tick_size, limit)

    def prints(self, symbol: Symbol) -> Sequence[Print]:
        market = self._market(symbol)
        reach_ms = (PRINTS_KEPT + 1) * self._beat_ms
        moments = list(market.moments(self._now_ms - reach_ms, self._now_ms))[-PRINTS_KEPT:]
        return [market.trade_at(moment) for moment in moments]

    def candles(self, symbol: Symbol, interval: str, of: CandleOf) -> Sequence[Candle]:
        """Raises UnknownInterval."""
        return self._candles(symbol, interval, of).upto(self._now_ms)

    def latest_candles(self, symbol: Symbol, interval: str) -> Sequence[Candle]:
        """The open candle and, where it was followed, the one before. Raises UnknownInterval."""
        return self._candles(symbol, interval, CandleOf.LAST).latest_two(self._now_ms)

    def funding(self, symbol: Symbol) -> Funding:
        return self._funding(symbol).at(self._now_ms)

    def funding_history(self, symbol: Symbol) -> Sequence[FundingPayment]:
        return self._funding(symbol).history(self._now_ms)

    def day(self, symbol: Symbol) -> Day:
        if symbol not in self._days:
            self._days[symbol] = RollingDay(self._market(symbol))
        return self._days[symbol].upto(self._now_ms)

    def progress(self) -> Progress:
        return Progress(
            name=self.tape.name,
            position_ms=self.tape_position_ms,
            length_ms=self.tape.length_ms,
            frames_played=self._played,
            frames_total=len(self.tape.frames),
            frames_sent=self._pushed,
            frames_sent_distinct=len(self._distinct),
            finished=self._pushed == len(self._pushes),
        )

    # --- built when first needed ------------------------------------------------------------------------------------

    def _market(self, symbol: Symbol) -> SymbolMarket:
        known = self._markets.get(symbol)
        if known is None:
            contract = self.contract(symbol)
            frames = sorted(self._frames.get(symbol, ()), key=lambda frame: frame.trade_ms)
            prints = {frame.trade_ms: frame.price for frame in frames}
            path = PricePath(symbol, prints, self.tape.candles.get(symbol, ()), volatility_of(frames), self._seed)
            known = SymbolMarket(contract, path, frames, self.timing, self._seed, self._beat_ms)
            self._markets[symbol] = known
        return known

    def _candles(self, symbol: Symbol, interval: str, of: CandleOf) -> CandleSeries:
        key = (symbol, interval, of)
        if key not in self._series:
            self._series[key] = CandleSeries(self._market(symbol), interval, of)
        return self._series[key]

    def _funding(self, symbol: Symbol) -> FundingSchedule:
        if symbol not in self._fundings:
            self.contract(symbol)
            self._fundings[symbol] = FundingSchedule(symbol, self._seed)
        return self._fundings[symbol]
