"""From the market and the engine to the streams: each frame is made only when somebody listens to it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Protocol

from local.venue import frames
from local.venue.frames import Payload
from local.venue.happenings import FundingDue, Liquidated, MarketEvent, Quoted, Revalued, Ticked, Traded
from local.venue.house import MovingMarket
from local.venue.hub import StreamHub
from local.venue.market import BOOK_LEVELS
from local.venue.ports import Candle, Print, Quote
from local.venue.streams import ALL_FORCE_ORDERS, Kind, Stream, parse_stream
from local.venue.throttle import ForceOrderThrottle
from local.venue.user_frames import user_frame

from undertow.adapters.paper.depth import Level
from undertow.adapters.paper.events import EngineEvent, ForcedOrder
from undertow.domain.ids import Symbol

_ON_BEAT: Final = frozenset({Kind.AGG_TRADE, Kind.BOOK_TICKER, Kind.TRADE_PRO})
_WATCHER: Final = "streams"


class StreamedMarket(MovingMarket, Protocol):
    """A moving market of which the streams tell."""

    @property
    def now_ms(self) -> int: ...

    def quotes(self, symbol: Symbol, after_ms: int) -> Sequence[Quote]: ...

    def book(self, symbol: Symbol, quote: Quote, limit: int) -> tuple[Sequence[Level], Sequence[Level]]: ...

    def latest_candles(self, symbol: Symbol, interval: str) -> Sequence[Candle]:
        """The open one and the one before, as far as there are any."""
        ...


@dataclass(slots=True)
class _Periodic:
    """A stream that is looked at on a grid of ``every_ms``. ``make`` returns nothing when nothing changed."""

    stream: Stream
    make: Callable[[int], Payload | Sequence[Payload] | None]
    slot: int = -1


@dataclass(slots=True)
class _BookSent:
    """The book as it was last sent on one depth stream: update id, time, and the levels of both sides."""

    update_id: int
    time_ms: int
    sides: tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]] = field(default_factory=lambda: ({}, {}))


class MarketFeed:
    """Is told everything that happens through ``hear``, and the time through ``tick`` after that."""

    def __init__(self, market: StreamedMarket, hub: StreamHub) -> None:
        self._market = market
        self._hub = hub
        self._symbols = {symbol.lower(): symbol for symbol in market.symbols()}
        self._seen_version = -1
        self._on_beat: dict[Symbol, list[Stream]] = {}
        self._all_books = False
        self._periodic: dict[str, _Periodic] = {}
        self._own: ForceOrderThrottle[ForcedOrder] = ForceOrderThrottle()

    # --- as it happens ----------------------------------------------------------------------------------------------

    def hear(self, event: MarketEvent | EngineEvent) -> None:
        """An account's own liquidations come under the one-per-second rule too, by the wall clock."""
        match event:
            case Ticked():
                self._book(event.symbol, event.quote, event.trade.id, event.time_ms)
                self._trade(event.symbol, event.trade, event.time_ms)
            case Quoted():
                self._book(event.symbol, event.quote, event.update_id, event.time_ms)
            case Traded():
                self._trade(event.symbol, event.trade, event.time_ms)
            case Liquidated():
                self._force_order(event.symbol, event.payload)
            case FundingDue() | Revalued():
                pass  # what accounts pay comes as events of the engine; the next mark price frame tells the rest
            case ForcedOrder():
                if self._own.offer(event.symbol, event, event.time_ms):
                    self._force_order(event.symbol, frames.force_order(event))
            case _:
                self._hub.publish_user(event.account, user_frame(event))

    def _force_order(self, symbol: Symbol, payload: Payload) -> None:
        self._hub.publish(ALL_FORCE_ORDERS, payload)
        self._hub.publish(f"{symbol.lower()}@forceOrder", payload)

    def _book(self, symbol: Symbol, quote: Quote, update_id: int, now_ms: int) -> None:
        instrument = self._market.contract(symbol).instrument
        if self._all_books:
            self._hub.publish(Kind.ALL_BOOK_TICKERS, frames.book_ticker(instrument, quote, update_id, now_ms))
        for stream in self._on_beat.get(symbol, ()):
            if stream.kind is Kind.BOOK_TICKER:
                self._hub.publish(stream.name, frames.book_ticker(instrument, quote, update_id, now_ms))

    def _trade(self, symbol: Symbol, trade: Print, now_ms: int) -> None:
        instrument = self._market.contract(symbol).instrument
        for stream in self._on_beat.get(symbol, ()):
            if stream.kind is Kind.AGG_TRADE:
                self._hub.publish(stream.name, frames.agg_trade(instrument, trade, now_ms))
            elif stream.kind is Kind.TRADE_PRO:
                self._hub.publish(stream.name, frames.trade_pro(instrument, trade, now_ms))

    # --- by the clock -----------------------------------------------------------------------------------------------

    def tick(self, now_ms: int) -> None:
        if self._hub.version != self._seen_version:
            self._follow_subscriptions()
        for at_ms, forced in self._own.due(now_ms):
            self._force_order(forced.symbol, {**frames.force_order(forced), "E": at_ms})
        for periodic in self._periodic.values():
            slot = now_ms // periodic.stream.every_ms
            if slot != periodic.slot:
                periodic.slot = slot
                payload = periodic.make(now_ms)
                if payload:
                    self._hub.publish(periodic.stream.name, payload)

    def _follow_subscriptions(self) -> None:
        self._seen_version = self._hub.version
        on_beat: defaultdict[Symbol, list[Stream]] = defaultdict(list)
        periodic: dict[str, _Periodic] = {}
        self._all_books = self._hub.has_listeners(Kind.ALL_BOOK_TICKERS)
        for name in self._hub.wanted():
            stream = parse_stream(name, self._symbols)
            if stream is None:
                continue
            if stream.kind in _ON_BEAT and stream.symbol is not None:
                on_beat[stream.symbol].append(stream)
            elif stream.every_ms:
                periodic[name] = self._periodic.get(name) or _Periodic(stream, self._maker(stream))
        self._on_beat, self._periodic = dict(on_beat), periodic
        self._market.watch(_WATCHER, self._market.symbols() if self._all_books else on_beat)

    def _maker(self, stream: Stream) -> Callable[[int], Payload | Sequence[Payload] | None]:
        symbol = stream.symbol
        if symbol is None:
            of_one = {
                Kind.ALL_MARK_PRICES: self._mark_price,
                Kind.ALL_MINI_TICKERS: self._mini_ticker,
                Kind.ALL_TICKERS: self._ticker,
            }[stream.kind]
            return lambda now_ms: [of_one(each, now_ms) for each in self._market.symbols()]
        match stream.kind:
            case Kind.MARK_PRICE:
                return lambda now_ms: self._mark_price(symbol, now_ms)
            case Kind.KLINE:
                return _KlineMaker(self._market, symbol, stream.interval)
            case Kind.MINI_TICKER:
                return lambda now_ms: self._mini_ticker(symbol, now_ms)
            case Kind.TICKER:
                return lambda now_ms: self._ticker(symbol, now_ms)
            case _:
                return _DepthMaker(self._market, symbol, stream.depth)

    def _mark_price(self, symbol: Symbol, now_ms: int) -> Payload:
        return frames.mark_price(symbol, self._market.quote(symbol), self._market.funding(symbol), now_ms)

    def _mini_ticker(self, symbol: Symbol, now_ms: int) -> Payload:
        return frames.mini_ticker(self._market.contract(symbol).instrument, self._market.day(symbol), now_ms)

    def _ticker(self, symbol: Symbol, now_ms: int) -> Payload:
        return frames.ticker(self._market.contract(symbol).instrument, self._market.day(symbol), now_ms)


class _KlineMaker:
    """The open candle at every look, and each candle once more when it has closed."""

    def __init__(self, market: StreamedMarket, symbol: Symbol, interval: str) -> None:
        self._market = market
        self._symbol = symbol
        self._interval = interval
        self._open_ms = 0

    def __call__(self, now_ms: int) -> Payload | None:
        candles = self._market.latest_candles(self._symbol, self._interval)
        if not candles:
            return None
        candle = candles[-1]
        if self._open_ms and candle.open_time_ms != self._open_ms and len(candles) > 1:
            candle = candles[-2]
        self._open_ms = candles[-1].open_time_ms
        instrument = self._market.contract(self._symbol).instrument
        return frames.kline(instrument, self._interval, candle, self._market.update_id(self._symbol), now_ms)


class _DepthMaker:
    """``depth`` levels in full at every change, or with 0 the differences of the whole book."""

    def __init__(self, market: StreamedMarket, symbol: Symbol, depth: int) -> None:
        self._market = market
        self._symbol = symbol
        self._depth = depth
        self._sent = _BookSent(market.update_id(symbol), market.now_ms)
        self._sent.sides = self._sides()

    def __call__(self, now_ms: int) -> Payload | None:
        before, update_id = self._sent, self._market.update_id(self._symbol)
        if update_id == before.update_id:
            return None
        quote = self._market.quote(self._symbol)
        self._sent = _BookSent(update_id, now_ms, self._sides())
        if self._depth:
            bids, asks = self._market.depth(self._symbol, self._depth)
        else:
            bids, asks = self._differences(before)
        updates = (before.update_id + 1, update_id, before.update_id)
        instrument = self._market.contract(self._symbol).instrument
        return frames.depth_update(instrument, bids, asks, updates, (now_ms, quote.time_ms))

    def _sides(self) -> tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]]:
        if self._depth:
            return {}, {}
        bids, asks = self._market.depth(self._symbol, BOOK_LEVELS)
        return {level.price: level.quantity for level in bids}, {level.price: level.quantity for level in asks}

    def _differences(self, before: _BookSent) -> tuple[Sequence[Level], Sequence[Level]]:
        """Every level that any book since the last frame had otherwise: a snapshot may lie between two frames."""
        touched: tuple[set[Decimal], set[Decimal]] = (set(before.sides[0]), set(before.sides[1]))
        for quote in self._market.quotes(self._symbol, before.time_ms):
            for side, book in zip(touched, self._market.book(self._symbol, quote, BOOK_LEVELS), strict=True):
                side.update(level.price for level in book)
        now_bids, now_asks = self._sent.sides
        bids = [Level(price, now_bids.get(price, Decimal(0))) for price in sorted(touched[0], reverse=True)]
        asks = [Level(price, now_asks.get(price, Decimal(0))) for price in sorted(touched[1])]
        return bids, asks
