"""The market of the simulated venue as a live venue's public data tells it.

Pure like the tape's market: whoever hears the venue (`live_source.py`) tells it here, with the time. A quote is good
while its connection is known to be alive, and no longer: nothing may trade on prices of before a disconnection.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from local.venue.book_around import book_around
from local.venue.happenings import FundingDue, Liquidated, MarketEvent, Quoted, Revalued, Traded
from local.venue.market import BOOK_LEVELS, PRINTS_KEPT
from local.venue.ports import Candle, CandleOf, Day, Funding, FundingPayment, Print, Progress, Quote

from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.depth import Level
from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, MarkPrice

STALE_MS: Final = 5_000
"""Mark prices come every second, and somewhere in a whole market the book changes far more often."""
_QUOTES_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A symbol and how its market stood when it was first asked for."""

    contract: Contract
    quote: Quote
    funding: Funding
    day: Day


@dataclass(slots=True)
class _Standing:
    """``update_id`` counts the changes of the book from the time of opening, so that it grows over restarts too."""

    contract: Contract
    quote: Quote
    funding: Funding
    day: Day
    update_id: int
    session: int = 0
    """In which connection the book was last heard."""
    prints: deque[Print] = field(default_factory=lambda: deque(maxlen=PRINTS_KEPT))
    quotes: deque[tuple[int, Quote]] = field(default_factory=lambda: deque(maxlen=_QUOTES_KEPT))


class LiveMarket:
    """Implements `local.venue.feed.StreamedMarket`. Unknown symbols that are told of are passed over."""

    def __init__(self, name: str, listed: Iterable[Listed], now_ms: int) -> None:
        self.name = name
        self.changed: Callable[[], None] = lambda: None
        """Called when other symbols are watched than before."""
        self._standing = {
            each.contract.symbol: _Standing(each.contract, each.quote, each.funding, each.day, now_ms)
            for each in listed
        }
        self._opened_ms = self._now_ms = now_ms
        self._session = 0
        self._hears = False
        self._books_heard_ms = self._marks_heard_ms = 0
        self._events: list[MarketEvent] = []
        self._watchers: dict[str, frozenset[Symbol]] = {}
        self._watched: frozenset[Symbol] = frozenset()
        self._liquidations = 0

    # --- what the venue tells ---------------------------------------------------------------------------------------

    def connected(self) -> None:
        """A new connection: no book is known on it until it is heard."""
        self._session += 1

    def began_hearing(self) -> None:
        """All liquidations are heard from now on."""
        self._hears = True

    def ended_hearing(self) -> None:
        self._hears = False

    def hear_book(self, symbol: Symbol, prices: BestPrices, now_ms: int) -> None:
        self._books_heard_ms = now_ms
        standing = self._standing.get(symbol)
        if standing is None:
            return
        standing.session = self._session
        standing.update_id += 1
        # Trades of symbols that nobody watches are not heard; their last price is kept within the spread.
        last = min(max(standing.quote.last, prices.bid), prices.ask)
        standing.quote = replace(
            standing.quote,
            bid=prices.bid,
            bid_quantity=prices.bid_quantity,
            ask=prices.ask,
            ask_quantity=prices.ask_quantity,
            last=last,
            time_ms=prices.time_ms,
        )
        standing.quotes.append((now_ms, standing.quote))
        if symbol in self._watched:
            self._events.append(Quoted(now_ms, symbol, standing.quote, standing.update_id))

    def recall_book(self, symbol: Symbol, prices: BestPrices, now_ms: int) -> None:
        """The book as it was asked for: counts only where the connection has not told of a newer one."""
        standing = self._standing.get(symbol)
        if standing is not None and standing.session != self._session:
            self.hear_book(symbol, prices, now_ms)

    def hear_mark(self, symbol: Symbol, mark: MarkPrice, now_ms: int) -> None:
        """When the next funding time moves on, the one before has come."""
        self._marks_heard_ms = now_ms
        standing = self._standing.get(symbol)
        if standing is None:
            return
        before, due_ms = standing.funding, mark.next_funding_time_ms or standing.funding.next_time_ms
        watched = symbol in self._watched
        if watched and before.next_time_ms < due_ms and before.next_time_ms <= now_ms:
            self._events.append(FundingDue(now_ms, symbol, before.rate))
        rate = before.rate if mark.funding_rate is None else mark.funding_rate
        standing.funding = replace(before, rate=rate, next_time_ms=due_ms)
        standing.quote = replace(standing.quote, mark=mark.price, index=mark.index or mark.price)
        if watched and self.is_fresh(symbol):
            self._events.append(Revalued(now_ms, symbol, standing.quote))

    def hear_trade(self, symbol: Symbol, trade: Print, now_ms: int) -> None:
        standing = self._standing.get(symbol)
        if standing is None or (standing.prints and trade.id <= standing.prints[-1].id):
            return
        standing.prints.append(trade)
        standing.quote = replace(standing.quote, last=trade.price)
        if symbol in self._watched and self.is_fresh(symbol):
            self._events.append(Traded(now_ms, symbol, standing.quote, trade))

    def hear_liquidation(self, symbol: Symbol, payload: dict[str, Any], now_ms: int) -> None:
        """``payload`` goes out again as it came in. It may be of a symbol that is not listed."""
        self._liquidations += 1
        self._events.append(Liquidated(now_ms, symbol, payload))

    def learn_days(self, days: Mapping[Symbol, Day]) -> None:
        for symbol in self._standing.keys() & days.keys():
            self._standing[symbol].day = days[symbol]

    # --- time -------------------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        return self._now_ms

    @property
    def tape_position_ms(self) -> int:
        """Milliseconds since the opening: there is no tape."""
        return self._now_ms - self._opened_ms

    @property
    def is_connected(self) -> bool:
        heard_ms = min(self._books_heard_ms, self._marks_heard_ms)
        return self._session > 0 and self._now_ms - heard_ms <= STALE_MS

    @property
    def hears_liquidations(self) -> bool:
        return self._hears and self.is_connected

    def is_fresh(self, symbol: Symbol) -> bool:
        return self.is_connected and self._standing[symbol].session == self._session

    def watch(self, watcher: str, symbols: Iterable[Symbol]) -> None:
        """From now on ``watcher`` needs what happens to ``symbols`` and to no others. Unknown symbols have nothing."""
        self._watchers[watcher] = frozenset(symbols) & self._standing.keys()
        watched = frozenset().union(*self._watchers.values())
        if watched != self._watched:
            self._watched = watched
            self.changed()

    def watched(self) -> Sequence[Symbol]:
        """Those of the watcher with the fewest symbols come first: what has orders goes before what is looked at."""
        by_size = sorted(self._watchers.values(), key=len)
        return tuple(dict.fromkeys(symbol for symbols in by_size for symbol in sorted(symbols)))

    def until(self, now_ms: int) -> Sequence[MarketEvent]:
        """What was heard since the last call, in that order."""
        self._now_ms = max(self._now_ms, now_ms)
        events, self._events = self._events, []
        return events

    # --- what stands now --------------------------------------------------------------------------------------------

    def symbols(self) -> Sequence[Symbol]:
        return tuple(self._standing)

    def contract(self, symbol: Symbol) -> Contract:
        return self._standing[symbol].contract

    def quote(self, symbol: Symbol) -> Quote:
        return self._standing[symbol].quote

    def quotes(self, symbol: Symbol, after_ms: int) -> Sequence[Quote]:
        """The kept states of the book since ``after_ms``, oldest first."""
        return [quote for heard_ms, quote in self._standing[symbol].quotes if heard_ms > after_ms]

    def update_id(self, symbol: Symbol) -> int:
        return self._standing[symbol].update_id

    def depth(self, symbol: Symbol, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
        return self.book(symbol, self.quote(symbol), min(limit, BOOK_LEVELS))

    def book(self, symbol: Symbol, quote: Quote, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
        """Best bid and ask are the venue's; the levels behind them are derived, here as on a tape."""
        return book_around(quote, self.contract(symbol).instrument.tick_size, limit)

    def prints(self, symbol: Symbol) -> Sequence[Print]:
        """Those that were heard while the symbol was watched."""
        return tuple(self._standing[symbol].prints)

    def candles(self, symbol: Symbol, _interval: str, _of: CandleOf) -> Sequence[Candle]:
        """None: nothing here needs them, and what was not heard is not made up."""
        self.contract(symbol)
        return ()

    def latest_candles(self, symbol: Symbol, interval: str) -> Sequence[Candle]:
        return self.candles(symbol, interval, CandleOf.LAST)

    def funding(self, symbol: Symbol) -> Funding:
        return self._standing[symbol].funding

    def funding_history(self, symbol: Symbol) -> Sequence[FundingPayment]:
        """None, as with candles."""
        self.contract(symbol)
        return ()

    def day(self, symbol: Symbol) -> Day:
        """As last asked for, with the last price of now."""
        standing = self._standing[symbol]
        day, last = standing.day, standing.quote.last
        return replace(day, last=last, high=max(day.high, last), low=min(day.low, last))

    def progress(self) -> Progress:
        """A live market has no end: it is never finished."""
        heard = self._liquidations
        return Progress(self.name, self.tape_position_ms, 0, heard, heard, heard, heard, finished=False)
