"""Market data endpoints (aster.md section 9)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from local.venue.http import Json
from local.venue.parameters import Parameters
from local.venue.ports import Candle, CandleOf, Print
from local.venue.routes import Call, Route, Security, by_symbol, route
from local.venue.wire import amount, fixed, places_of

from undertow.adapters.paper.errors import ExchangeError
from undertow.domain.ids import Symbol
from undertow.domain.numbers import HUNDRED, plain

_DEPTH_WEIGHTS: Final = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20}
_HOUR_MS: Final = 3_600_000
_INTERVALS: Final = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
T = TypeVar("T")


def known_symbol(call: Call, symbol: Symbol | None = None) -> Symbol:
    """The asked symbol. Raises -1121 for one that is not listed."""
    asked = symbol or call.parameters.symbol()
    if asked not in call.house.exchange.floor.books:
        raise ExchangeError(-1121, "Invalid symbol.")
    return asked


def traded_symbol(call: Call, symbol: Symbol | None = None) -> Symbol:
    """A symbol that the tape knows. A venue opened again on another tape may hold positions in others."""
    asked = known_symbol(call, symbol)
    if asked not in call.house.listed:
        raise ExchangeError(-1121, "Invalid symbol.")
    return asked


def one_or_all(call: Call, each: Callable[[Symbol], T]) -> T | list[T]:
    """An object with a symbol, an array of all without."""
    symbol = call.parameters.optional_symbol()
    if symbol is not None:
        return each(traded_symbol(call, symbol))
    return [each(known) for known in call.house.market.symbols()]


def ping(_: Call) -> Json:
    return {}


def server_time(call: Call) -> Json:
    return {"serverTime": call.house.judging_ms}


def depth(call: Call) -> Json:
    symbol, limit = traded_symbol(call), _depth_limit(call.parameters)
    market = call.house.market
    bids, asks = market.depth(symbol, limit)
    time_ms = market.quote(symbol).time_ms
    return {
        "lastUpdateId": market.update_id(symbol),
        "E": time_ms,
        "T": time_ms,
        "bids": [[plain(level.price), plain(level.quantity)] for level in bids],
        "asks": [[plain(level.price), plain(level.quantity)] for level in asks],
    }


def _depth_limit(parameters: Parameters) -> int:
    limit = parameters.optional_integer("limit") or 500
    if limit not in _DEPTH_WEIGHTS:
        raise ExchangeError(-4021, f"Not supported depth limit: {limit}.")
    return limit


def depth_weight(parameters: Parameters) -> int:
    return _DEPTH_WEIGHTS.get(parameters.optional_integer("limit") or 500, 1)


def trades(call: Call) -> Json:
    prints = call.house.market.prints(traded_symbol(call))
    return [_print_json(each) for each in prints[-call.parameters.limit(500, 1000) :]]


def historical_trades(call: Call) -> Json:
    limit, first = call.parameters.limit(500, 1000), call.parameters.optional_integer("fromId")
    prints = call.house.market.prints(traded_symbol(call))
    if first is None:
        return [_print_json(each) for each in prints[-limit:]]
    return [_print_json(each) for each in prints if each.id >= first][:limit]


def _print_json(each: Print) -> Json:
    return {
        "id": each.id,
        "price": plain(each.price),
        "qty": plain(each.quantity),
        "quoteQty": amount(each.price * each.quantity),
        "time": each.time_ms,
        "isBuyerMaker": each.buyer_is_maker,
    }


def aggregate_trades(call: Call) -> Json:
    """Every print is an aggregate of its own here."""
    wanted, limit = call.parameters, call.parameters.limit(500, 1000)
    first = wanted.optional_integer("fromId")
    start, end = wanted.optional_integer("startTime"), wanted.optional_integer("endTime")
    if start is not None and end is not None and end - start >= _HOUR_MS:
        raise ExchangeError(-4165, "Maximum time interval is 1 hour.")
    prints = [
        each
        for each in call.house.market.prints(traded_symbol(call))
        if (first is None or each.id >= first)
        and (start is None or each.time_ms >= start)
        and (end is None or each.time_ms <= end)
    ]
    return [_aggregate_json(each) for each in _page(prints, limit, forward=first is not None or start is not None)]


def _aggregate_json(each: Print) -> Json:
    price, quantity = plain(each.price), plain(each.quantity)
    return {
        "a": each.id,
        "p": price,
        "q": quantity,
        "f": each.id,
        "l": each.id,
        "T": each.time_ms,
        "m": each.buyer_is_maker,
    }


def _page(rows: Sequence[T], limit: int, *, forward: bool) -> Sequence[T]:
    """The first rows when a beginning was asked for, else the latest."""
    return rows[:limit] if forward else rows[-limit:]


def candles_of(kind: CandleOf, name: str = "symbol") -> Callable[[Call], Json]:
    def candles(call: Call) -> Json:
        symbol = traded_symbol(call, Symbol(call.parameters.text(name)))
        interval = call.parameters.text("interval")
        if interval not in _INTERVALS:
            raise ExchangeError(-1120, "Invalid interval.")
        limit = call.parameters.limit(500, 1500)
        start, end = call.parameters.optional_integer("startTime"), call.parameters.optional_integer("endTime")
        rows = [
            each
            for each in call.house.market.candles(symbol, interval, kind)
            if (start is None or each.open_time_ms >= start) and (end is None or each.open_time_ms <= end)
        ]
        return [_candle_json(each, kind) for each in _page(rows, limit, forward=start is not None)]

    return candles


def _candle_json(each: Candle, kind: CandleOf) -> Json:
    traded = kind is CandleOf.LAST
    return [
        each.open_time_ms,
        plain(each.open),
        plain(each.high),
        plain(each.low),
        plain(each.close),
        plain(each.volume) if traded else "0",
        each.close_time_ms,
        amount(each.quote_volume) if traded else "0",
        each.trades,
        plain(each.taker_buy_volume) if traded else "0",
        amount(each.taker_buy_quote_volume) if traded else "0",
        "0",
    ]


def klines_weight(parameters: Parameters) -> int:
    limit = parameters.optional_integer("limit") or 500
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1000 else 10


def premium_index(call: Call) -> Json:
    def each(symbol: Symbol) -> Json:
        quote, funding = call.house.market.quote(symbol), call.house.market.funding(symbol)
        return {
            "symbol": symbol,
            "markPrice": fixed(quote.mark, 8),
            "indexPrice": fixed(quote.index, 8),
            "estimatedSettlePrice": fixed(quote.index, 8),
            "lastFundingRate": fixed(funding.rate, 8),
            "interestRate": fixed(funding.interest_rate, 8),
            "nextFundingTime": funding.next_time_ms,
            "time": quote.time_ms,
        }

    return one_or_all(call, each)


def funding_rate(call: Call) -> Json:
    limit = call.parameters.limit(100, 1000)
    start, end = call.parameters.optional_integer("startTime"), call.parameters.optional_integer("endTime")
    asked = call.parameters.optional_symbol()
    symbols = call.house.market.symbols() if asked is None else [traded_symbol(call, asked)]
    rows = sorted(
        (paid.time_ms, symbol, paid.rate)
        for symbol in symbols
        for paid in call.house.market.funding_history(symbol)
        if (start is None or paid.time_ms >= start) and (end is None or paid.time_ms <= end)
    )
    return [
        {"symbol": symbol, "fundingRate": fixed(rate, 8), "fundingTime": time_ms}
        for time_ms, symbol, rate in _page(rows, limit, forward=start is not None)
    ]


def funding_info(call: Call) -> Json:
    def each(symbol: Symbol) -> Json:
        funding = call.house.market.funding(symbol)
        return {
            "symbol": symbol,
            "interestRate": fixed(funding.interest_rate, 8),
            "time": call.now_ms,
            "fundingIntervalHours": funding.interval_hours,
            "fundingFeeCap": float(funding.cap),
            "fundingFeeFloor": float(funding.floor),
        }

    rows = one_or_all(call, each)
    return rows if isinstance(rows, list) else [rows]


def ticker_day(call: Call) -> Json:
    def each(symbol: Symbol) -> Json:
        day = call.house.market.day(symbol)
        places = places_of(call.house.market.contract(symbol).instrument.tick_size)
        change = day.last - day.open
        return {
            "symbol": symbol,
            "priceChange": plain(change),
            "priceChangePercent": fixed(change / day.open * HUNDRED, 3),
            "weightedAvgPrice": fixed(day.quote_volume / day.volume if day.volume else day.last, places),
            "prevClosePrice": plain(day.open),
            "lastPrice": plain(day.last),
            "lastQty": plain(day.last_quantity),
            "openPrice": plain(day.open),
            "highPrice": plain(day.high),
            "lowPrice": plain(day.low),
            "volume": plain(day.volume),
            "quoteVolume": amount(day.quote_volume),
            "openTime": day.open_time_ms,
            "closeTime": day.close_time_ms,
            "firstId": day.first_id,
            "lastId": day.last_id,
            "count": day.trades,
        }

    return one_or_all(call, each)


def ticker_price(call: Call) -> Json:
    def each(symbol: Symbol) -> Json:
        quote = call.house.market.quote(symbol)
        return {"symbol": symbol, "price": plain(quote.last), "time": quote.time_ms}

    return one_or_all(call, each)


def ticker_book(call: Call) -> Json:
    def each(symbol: Symbol) -> Json:
        quote = call.house.market.quote(symbol)
        return {
            "symbol": symbol,
            "bidPrice": plain(quote.bid),
            "bidQty": plain(quote.bid_quantity),
            "askPrice": plain(quote.ask),
            "askQty": plain(quote.ask_quantity),
            "time": quote.time_ms,
        }

    return one_or_all(call, each)


def index_references(call: Call) -> Json:
    """The venue answers -1000 here, where others say -1121."""
    symbol = call.parameters.symbol()
    if symbol not in call.house.exchange.floor.books:
        raise ExchangeError(-1000, "An unknown error occurred while processing the request.")
    share = fixed(Decimal(1), 8)
    references = [{"exchange": "simulated", "symbol": symbol, "weight": share}]
    return {"symbol": symbol, "time": call.now_ms, "references": references}


ROUTES: Final[tuple[Route, ...]] = (
    route("GET", "ping", ping, Security.NONE),
    route("GET", "time", server_time, Security.NONE),
    route("GET", "depth", depth, Security.NONE, weight=depth_weight),
    route("GET", "trades", trades, Security.NONE),
    route("GET", "historicalTrades", historical_trades, Security.KEY, weight=20),
    route("GET", "aggTrades", aggregate_trades, Security.NONE, weight=20),
    route("GET", "klines", candles_of(CandleOf.LAST), Security.NONE, weight=klines_weight),
    route("GET", "indexPriceKlines", candles_of(CandleOf.INDEX, "pair"), Security.NONE, weight=klines_weight),
    route("GET", "markPriceKlines", candles_of(CandleOf.MARK), Security.NONE, weight=klines_weight),
    route("GET", "premiumIndex", premium_index, Security.NONE),
    route("GET", "fundingRate", funding_rate, Security.NONE),
    route("GET", "fundingInfo", funding_info, Security.NONE),
    route("GET", "ticker/24hr", ticker_day, Security.NONE, weight=by_symbol(1, 40)),
    route("GET", "ticker/price", ticker_price, Security.NONE, weight=by_symbol(1, 2)),
    route("GET", "ticker/bookTicker", ticker_book, Security.NONE, weight=by_symbol(1, 2)),
    route("GET", "indexreferences", index_references, Security.NONE, v1=None),
)
