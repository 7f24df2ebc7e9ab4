"""Market stream frames to our types. Raises BadFrame, and nothing else, for whatever else a frame may hold.

The liquidation path runs for every event of a cascade, so it reads its few fields directly instead of through a model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from undertow.adapters.aster import strict
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, Liquidation, MarkPrice, Side, Venue, liquidation_id
from undertow.domain.numbers import NotADecimal, parse_decimal

LONGEST_FRAME: Final = 1_000_000
"""Characters. The largest real frame, all mark prices at once, has about 100,000."""


@dataclass(frozen=True, slots=True)
class Quote:
    """bookTicker: the best prices of one symbol. ``update_id`` grows with every change of the book."""

    symbol: Symbol
    prices: BestPrices
    update_id: int
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class Mark:
    symbol: Symbol
    mark: MarkPrice


@dataclass(frozen=True, slots=True)
class Marks:
    """markPriceUpdate of one symbol, or of all of them where the stream is ``!markPrice@arr``."""

    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Kline:
    """A candle as it stands; ``closed`` once it will not change any more. Volume is in base units."""

    symbol: Symbol
    interval: str
    open_time_ms: int
    close_time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    closed: bool
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class AggregateTrade:
    """Trades of one taker order at one price. ``taker_side`` is the side that crossed the spread."""

    symbol: Symbol
    id: int
    price: Decimal
    quantity: Decimal
    taker_side: Side
    trade_time_ms: int
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a control message of ours. ``error`` is empty when it was obeyed; ``id`` may then be missing."""

    id: int | None
    result: tuple[str, ...] | bool | None
    error: str = ""


MarketMessage = Liquidation | Quote | Marks | Kline | AggregateTrade | Reply


def decode(frame: str | bytes) -> Any:
    if len(frame) > LONGEST_FRAME:
        raise BadFrame(f"is longer than {LONGEST_FRAME}", "frame", len(frame))
    return strict.decode(frame)


def unwrapped(value: Any) -> Any:
    """The payload of a frame from a combined connection, or the frame itself."""
    if type(value) is dict and "stream" in value and "data" in value:
        return value["data"]
    return value


def read_market(frame: str | bytes) -> MarketMessage:
    """One frame of a market connection, raw or combined."""
    value = unwrapped(decode(frame))
    if type(value) is list:
        return Marks(tuple(_mark(element) for element in value))
    if type(value) is not dict:
        raise BadFrame("is neither object nor array", "frame", value)
    event = value.get("e")
    if event == "forceOrder":
        return liquidation(value)
    if event is None:
        return reply(value)
    reader = _READERS.get(event) if type(event) is str else None
    if reader is None:
        raise BadFrame("is not an event we subscribe to", "e", event)
    return reader(value)


_BUY: Final = Side.BUY
_SELL: Final = Side.SELL


def liquidation(event: dict[str, Any]) -> Liquidation:
    """forceOrder. ``S`` is the side of the liquidation order: SELL closes a long.

        {"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014",
         "p":"9910","ap":"9910","X":"FILLED","l":"0.014","z":"0.014","T":1568014460893}}

    What counts is what traded, filled quantity ``z`` at average price ``ap``; where the venue has not filled them in,
    the order's own quantity ``q`` and price ``p``. The identity is made of the order's fields, which never change.
    """
    order = strict.member(event, "o")
    if type(order) is not dict:
        raise BadFrame("is not an object", "o", order)
    side, quantity_text, filled_text = order.get("S"), order.get("q"), order.get("z")
    try:
        quantity, price = parse_decimal(quantity_text, "q"), parse_decimal(order.get("p"), "p")
        average = parse_decimal(order.get("ap"), "ap")
        filled = quantity if filled_text == quantity_text else parse_decimal(filled_text, "z")
    except NotADecimal as error:
        raise BadFrame("is not a plain decimal number", error.field, error.value) from None
    if quantity <= 0 or price <= 0 or filled < 0 or average < 0:
        raise BadFrame("holds a number that is not positive", "o", f"q {quantity} p {price} z {filled} ap {average}")
    if side != "SELL" and side != "BUY":
        raise BadFrame("is not BUY or SELL", "S", side)
    name, trade_time_ms = strict.symbol(order, "s"), strict.time_ms(order, "T")
    traded = filled and average
    return Liquidation(
        liquidation_id(name, side, order["q"], order["p"], trade_time_ms),
        Venue.ASTER,
        name,
        _SELL if side == "SELL" else _BUY,
        filled if traded else quantity,
        average if traded else price,
        strict.time_ms(event, "E"),
        trade_time_ms,
    )


def quote(event: dict[str, Any]) -> Quote:
    """bookTicker.

    {"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BNBUSDT","b":"25.35190000",
     "B":"31.21000000","a":"25.36520000","A":"40.66000000"}
    """
    prices = BestPrices(
        bid=strict.positive(event, "b"),
        bid_quantity=strict.not_negative(event, "B"),
        ask=strict.positive(event, "a"),
        ask_quantity=strict.not_negative(event, "A"),
        time_ms=strict.time_ms(event, "T"),
    )
    if prices.bid > prices.ask:
        raise BadFrame("is above the ask", "b", event["b"])
    return Quote(strict.symbol(event, "s"), prices, strict.integer(event, "u"), strict.time_ms(event, "E"))


def marks(event: dict[str, Any]) -> Marks:
    return Marks((_mark(event),))


def _mark(event: Any) -> Mark:
    """markPriceUpdate: mark ``p``, index ``i``, funding rate ``r``, next funding ``T``.

    {"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000","i":"11784.62659091",
     "P":"11784.25641265","r":"0.00038167","T":1562306400000}
    """
    if strict.member(event, "e") != "markPriceUpdate":
        raise BadFrame("is not a mark price", "e", event["e"])
    mark = MarkPrice(
        price=strict.positive(event, "p"),
        time_ms=strict.time_ms(event, "E"),
        index=strict.not_negative(event, "i"),
        funding_rate=strict.decimal(event, "r"),
        next_funding_time_ms=strict.integer(event, "T"),
    )
    return Mark(strict.symbol(event, "s"), mark)


def kline(event: dict[str, Any]) -> Kline:
    candle = strict.member(event, "k")
    return Kline(
        symbol=strict.symbol(event, "s"),
        interval=strict.text(candle, "i", 4),
        open_time_ms=strict.time_ms(candle, "t"),
        close_time_ms=strict.time_ms(candle, "T"),
        open=strict.positive(candle, "o"),
        high=strict.positive(candle, "h"),
        low=strict.positive(candle, "l"),
        close=strict.positive(candle, "c"),
        volume=strict.not_negative(candle, "v"),
        quote_volume=strict.not_negative(candle, "q"),
        trades=strict.integer(candle, "n"),
        closed=strict.flag(candle, "x"),
        event_time_ms=strict.time_ms(event, "E"),
    )


def aggregate_trade(event: dict[str, Any]) -> AggregateTrade:
    return AggregateTrade(
        symbol=strict.symbol(event, "s"),
        id=strict.integer(event, "a"),
        price=strict.positive(event, "p"),
        quantity=strict.positive(event, "q"),
        # m: the buyer was the maker, so the taker sold.
        taker_side=Side.SELL if strict.flag(event, "m") else Side.BUY,
        trade_time_ms=strict.time_ms(event, "T"),
        event_time_ms=strict.time_ms(event, "E"),
    )


_READERS: Final[Mapping[str, Callable[[dict[str, Any]], MarketMessage]]] = {
    "bookTicker": quote,
    "markPriceUpdate": marks,
    "kline": kline,
    "aggTrade": aggregate_trade,
}


def reply(value: dict[str, Any]) -> Reply:
    """``{"result":null,"id":1}``, ``{"result":["btcusdt@aggTrade"],"id":3}`` or ``{"code":2,"msg":"..."}``."""
    if "code" in value:
        code = strict.integer(value, "code")
        given = strict.integer(value, "id") if value.get("id") is not None else None
        return Reply(given, None, f"{code} {strict.text(value, 'msg', 300)}")
    result = strict.member(value, "result")
    if type(result) is list and all(type(name) is str for name in result):
        result = tuple(result)
    elif result is not None and type(result) is not bool:
        raise BadFrame("is not an answer to a control message", "result", result)
    return Reply(strict.integer(value, "id"), result)
