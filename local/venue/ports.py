"""What the parts of the simulated venue need of each other.

`market.py` is the market (prices, prints, candles); the engine (`undertow.adapters.paper`) is the accounts; `rest` and
`stream` are the two doors. All of it runs in one event loop, so nothing here locks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from undertow.adapters.paper.book import Quote as Quote
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.depth import Level
from undertow.domain.ids import Symbol


@dataclass(frozen=True, slots=True)
class Print:
    """A public trade."""

    id: int
    price: Decimal
    quantity: Decimal
    time_ms: int
    buyer_is_maker: bool


@dataclass(frozen=True, slots=True)
class Candle:
    open_time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    close_time_ms: int
    quote_volume: Decimal
    trades: int
    taker_buy_volume: Decimal
    taker_buy_quote_volume: Decimal


class CandleOf(StrEnum):
    """Which price the candles are made of."""

    LAST = "last"
    MARK = "mark"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Funding:
    """``rate`` is the one that will be paid at ``next_time_ms``; fractions, not percent."""

    rate: Decimal
    next_time_ms: int
    interval_hours: int
    interest_rate: Decimal
    cap: Decimal
    floor: Decimal


@dataclass(frozen=True, slots=True)
class FundingPayment:
    rate: Decimal
    time_ms: int


@dataclass(frozen=True, slots=True)
class Day:
    """The rolling 24 hours, as far as the tape reaches back."""

    open: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    last_quantity: Decimal
    volume: Decimal
    quote_volume: Decimal
    open_time_ms: int
    close_time_ms: int
    first_id: int
    last_id: int
    trades: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the tape has been played. ``frames_sent`` counts forceOrder frames after the one-per-second rule."""

    name: str
    position_ms: int
    length_ms: int
    frames_played: int
    frames_total: int
    frames_sent: int
    frames_sent_distinct: int
    finished: bool


class Market(Protocol):
    """Read side of the market, for the REST door. Unknown symbols raise KeyError; ``symbols`` names the known ones."""

    def symbols(self) -> Sequence[Symbol]: ...

    def contract(self, symbol: Symbol) -> Contract: ...

    def quote(self, symbol: Symbol) -> Quote: ...

    def update_id(self, symbol: Symbol) -> int:
        """The book's lastUpdateId: grows with every change of bid or ask, and is the depth stream's ``u``."""
        ...

    def depth(self, symbol: Symbol, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
        """Bids and asks, best first, as `undertow.adapters.paper.depth.levels` derives them."""
        ...

    def prints(self, symbol: Symbol) -> Sequence[Print]:
        """The kept public trades, oldest first."""
        ...

    def candles(self, symbol: Symbol, interval: str, of: CandleOf) -> Sequence[Candle]:
        """All kept candles, oldest first, the last one still open. ``interval`` is a venue text such as ``1m``."""
        ...

    def funding(self, symbol: Symbol) -> Funding: ...

    def funding_history(self, symbol: Symbol) -> Sequence[FundingPayment]:
        """Oldest first."""
        ...

    def day(self, symbol: Symbol) -> Day: ...

    def progress(self) -> Progress: ...
