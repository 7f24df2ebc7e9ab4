"""Names of the market streams: which market of which symbol, and how often."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from local.venue.candles import INTERVALS

from undertow.domain.ids import Symbol


class Kind(StrEnum):
    """The kinds of stream. Those of all symbols at once carry the suffix of the venue's name."""

    AGG_TRADE = "aggTrade"
    MARK_PRICE = "markPrice"
    KLINE = "kline"
    MINI_TICKER = "miniTicker"
    TICKER = "ticker"
    BOOK_TICKER = "bookTicker"
    FORCE_ORDER = "forceOrder"
    PARTIAL_DEPTH = "partialDepth"
    DIFF_DEPTH = "diffDepth"
    TRADE_PRO = "tradepro"
    ALL_MARK_PRICES = "!markPrice@arr"
    ALL_MINI_TICKERS = "!miniTicker@arr"
    ALL_TICKERS = "!ticker@arr"
    ALL_BOOK_TICKERS = "!bookTicker"
    ALL_FORCE_ORDERS = "!forceOrder@arr"


@dataclass(frozen=True, slots=True)
class Stream:
    """``every_ms`` is 0 for streams in real time. ``symbol`` is None for streams of all symbols."""

    name: str
    kind: Kind
    symbol: Symbol | None
    every_ms: int = 0
    interval: str = ""
    depth: int = 0


ALL_FORCE_ORDERS: Final = Kind.ALL_FORCE_ORDERS.value
_MARK_MS: Final = {"": 3_000, "1s": 1_000}
_DEPTH_MS: Final = {"": 250, "100ms": 100, "500ms": 500}
_OF_ALL: Final = {
    "!markPrice@arr": (Kind.ALL_MARK_PRICES, 3_000),
    "!markPrice@arr@1s": (Kind.ALL_MARK_PRICES, 1_000),
    "!miniTicker@arr": (Kind.ALL_MINI_TICKERS, 1_000),
    "!ticker@arr": (Kind.ALL_TICKERS, 1_000),
    "!bookTicker": (Kind.ALL_BOOK_TICKERS, 0),
    "!forceOrder@arr": (Kind.ALL_FORCE_ORDERS, 0),
}
_PLAIN: Final = {
    "aggTrade": (Kind.AGG_TRADE, 0),
    "miniTicker": (Kind.MINI_TICKER, 500),
    "ticker": (Kind.TICKER, 500),
    "bookTicker": (Kind.BOOK_TICKER, 0),
    "forceOrder": (Kind.FORCE_ORDER, 0),
    "tradepro": (Kind.TRADE_PRO, 0),
}
_DEPTH: Final = re.compile(r"depth(5|10|20)?(?:@(100ms|500ms))?")
_MARK: Final = re.compile(r"markPrice(?:@(1s))?")
_KLINE: Final = re.compile(r"kline_(\w+)")


def parse_stream(name: str, symbols: Mapping[str, Symbol]) -> Stream | None:
    """``symbols`` maps lower-case names, as streams spell them, to symbols. None for what the venue does not send."""
    if name in _OF_ALL:
        kind, every_ms = _OF_ALL[name]
        return Stream(name, kind, None, every_ms)
    head, _, tail = name.partition("@")
    symbol = symbols.get(head)
    return None if symbol is None else _of_symbol(name, symbol, tail)


def _of_symbol(name: str, symbol: Symbol, tail: str) -> Stream | None:
    if tail in _PLAIN:
        kind, every_ms = _PLAIN[tail]
        return Stream(name, kind, symbol, every_ms)
    if mark := _MARK.fullmatch(tail):
        return Stream(name, Kind.MARK_PRICE, symbol, _MARK_MS[mark[1] or ""])
    if depth := _DEPTH.fullmatch(tail):
        kind = Kind.PARTIAL_DEPTH if depth[1] else Kind.DIFF_DEPTH
        return Stream(name, kind, symbol, _DEPTH_MS[depth[2] or ""], depth=int(depth[1] or 0))
    kline = _KLINE.fullmatch(tail)
    if kline and kline[1] in INTERVALS:
        return Stream(name, Kind.KLINE, symbol, 250, interval=kline[1])
    return None
