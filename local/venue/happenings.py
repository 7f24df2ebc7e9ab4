"""What a market tells of: trades, books, values, liquidations and funding, each when it happens."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.venue.ports import Print, Quote

from undertow.domain.ids import Symbol


@dataclass(frozen=True, slots=True)
class Ticked:
    """A beat of a watched symbol: one public trade happened and left the market as ``quote`` says."""

    time_ms: int
    symbol: Symbol
    quote: Quote
    trade: Print


@dataclass(frozen=True, slots=True)
class Liquidated:
    """A forceOrder message is due. ``payload`` is the frame's data with times on the wall clock."""

    time_ms: int
    symbol: Symbol
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FundingDue:
    """Positions of a watched symbol pay or receive now."""

    time_ms: int
    symbol: Symbol
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Quoted:
    """The book of a watched symbol changed, without a trade that is known."""

    time_ms: int
    symbol: Symbol
    quote: Quote
    update_id: int


@dataclass(frozen=True, slots=True)
class Traded:
    """A public trade of a watched symbol, which is now the last price; the book is told of by itself."""

    time_ms: int
    symbol: Symbol
    quote: Quote
    trade: Print


@dataclass(frozen=True, slots=True)
class Revalued:
    """Mark and index of a watched symbol moved, the book did not."""

    time_ms: int
    symbol: Symbol
    quote: Quote


MarketEvent = Ticked | Quoted | Traded | Revalued | Liquidated | FundingDue
