"""Wire formats of the market streams, letter by letter as the venue documents them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from local.venue.ports import Candle, Day, Funding, Print, Quote

from undertow.adapters.paper.depth import Level
from undertow.adapters.paper.events import ForcedOrder
from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.numbers import plain

Payload = dict[str, Any]
_EIGHT_PLACES: Final = Decimal("0.00000001")


def stepped(value: Decimal, step: Decimal) -> str:
    """``value`` with the decimals of ``step``, or with its own where it does not lie on that grid."""
    rounded = value.quantize(step)
    return format(rounded, "f") if rounded == value else plain(value)


def force_order(event: ForcedOrder) -> Payload:
    return {
        "e": "forceOrder",
        "E": event.time_ms,
        "o": {
            "s": event.symbol,
            "S": event.side.value,
            "o": "LIMIT",
            "f": "IOC",
            "q": plain(event.quantity),
            "p": plain(event.price),
            "ap": plain(event.average_price),
            "X": event.status.value,
            "l": plain(event.last_quantity),
            "z": plain(event.cumulative_quantity),
            "T": event.time_ms,
        },
    }


def book_ticker(instrument: Instrument, quote: Quote, update_id: int, now_ms: int) -> Payload:
    tick, lot = instrument.tick_size, instrument.lot_size
    return {
        "e": "bookTicker",
        "u": update_id,
        "E": now_ms,
        "T": quote.time_ms,
        "s": instrument.symbol,
        "b": stepped(quote.bid, tick),
        "B": stepped(quote.bid_quantity, lot),
        "a": stepped(quote.ask, tick),
        "A": stepped(quote.ask_quantity, lot),
    }


def agg_trade(instrument: Instrument, trade: Print, now_ms: int) -> Payload:
    return {
        "e": "aggTrade",
        "E": now_ms,
        "s": instrument.symbol,
        "a": trade.id,
        "p": stepped(trade.price, instrument.tick_size),
        "q": stepped(trade.quantity, instrument.lot_size),
        "f": trade.id,
        "l": trade.id,
        "T": trade.time_ms,
        "m": trade.buyer_is_maker,
    }


def trade_pro(instrument: Instrument, trade: Print, now_ms: int) -> Payload:
    """The venue names the chain's transaction and the parties; ours have none, so all of them are hidden."""
    return {
        "e": "tradepro",
        "E": now_ms,
        "T": trade.time_ms,
        "s": instrument.symbol,
        "t": trade.id,
        "p": stepped(trade.price, instrument.tick_size),
        "q": stepped(trade.quantity, instrument.lot_size),
        "h": f"0x{trade.id:064x}",
        "m": ["hidden", "hidden"],
    }


def mark_price(symbol: Symbol, quote: Quote, funding: Funding, now_ms: int) -> Payload:
    return {
        "e": "markPriceUpdate",
        "E": now_ms,
        "s": symbol,
        "p": format(quote.mark, "f"),
        "i": format(quote.index, "f"),
        "P": format(quote.index, "f"),
        "r": format(funding.rate, "f"),
        "T": funding.next_time_ms,
    }


def kline(instrument: Instrument, interval: str, candle: Candle, last_id: int, now_ms: int) -> Payload:
    tick = instrument.tick_size
    return {
        "e": "kline",
        "E": now_ms,
        "s": instrument.symbol,
        "k": {
            "t": candle.open_time_ms,
            "T": candle.close_time_ms,
            "s": instrument.symbol,
            "i": interval,
            "f": last_id - candle.trades + 1,
            "L": last_id,
            "o": stepped(candle.open, tick),
            "c": stepped(candle.close, tick),
            "h": stepped(candle.high, tick),
            "l": stepped(candle.low, tick),
            "v": plain(candle.volume),
            "n": candle.trades,
            "x": now_ms > candle.close_time_ms,
            "q": _eight(candle.quote_volume),
            "V": plain(candle.taker_buy_volume),
            "Q": _eight(candle.taker_buy_quote_volume),
            "B": "0",
        },
    }


def mini_ticker(instrument: Instrument, day: Day, now_ms: int) -> Payload:
    tick = instrument.tick_size
    return {
        "e": "24hrMiniTicker",
        "E": now_ms,
        "s": instrument.symbol,
        "c": stepped(day.last, tick),
        "o": stepped(day.open, tick),
        "h": stepped(day.high, tick),
        "l": stepped(day.low, tick),
        "v": plain(day.volume),
        "q": _eight(day.quote_volume),
    }


def ticker(instrument: Instrument, day: Day, now_ms: int) -> Payload:
    tick = instrument.tick_size
    change = day.last - day.open
    average = day.quote_volume / day.volume if day.volume else day.last
    return {
        "e": "24hrTicker",
        "E": now_ms,
        "s": instrument.symbol,
        "p": stepped(change, tick),
        "P": format((change / day.open * 100).quantize(Decimal("0.001")), "f"),
        "w": plain(average.quantize(tick)),
        "c": stepped(day.last, tick),
        "Q": stepped(day.last_quantity, instrument.lot_size),
        "o": stepped(day.open, tick),
        "h": stepped(day.high, tick),
        "l": stepped(day.low, tick),
        "v": plain(day.volume),
        "q": _eight(day.quote_volume),
        "O": day.open_time_ms,
        "C": day.close_time_ms,
        "F": day.first_id,
        "L": day.last_id,
        "n": day.trades,
    }


def depth_update(
    instrument: Instrument,
    bids: Sequence[Level],
    asks: Sequence[Level],
    updates: tuple[int, int, int],
    times: tuple[int, int],
) -> Payload:
    """``updates`` are U, u and pu, ``times`` are E and T. A level of quantity zero is gone."""
    first, last, previous = updates
    return {
        "e": "depthUpdate",
        "E": times[0],
        "T": times[1],
        "s": instrument.symbol,
        "U": first,
        "u": last,
        "pu": previous,
        "b": [_level(instrument, level) for level in bids],
        "a": [_level(instrument, level) for level in asks],
    }


def _eight(value: Decimal) -> str:
    """A product of price and quantity has more decimals than the venue sends."""
    return plain(value.quantize(_EIGHT_PLACES))


def _level(instrument: Instrument, level: Level) -> tuple[str, str]:
    return stepped(level.price, instrument.tick_size), stepped(level.quantity, instrument.lot_size)
