"""What the market tells us. Times are epoch milliseconds, UTC; prices are quote units per base unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.domain.conditions import Conditions, PercentileRank
from undertow.domain.ids import LiquidationId, Symbol, digest_of


class Venue(StrEnum):
    ASTER = "aster"
    HYPERLIQUID = "hyperliquid"


class Side(StrEnum):
    """Side of an order."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class PositionSide(StrEnum):
    """Side of a position. One-way accounts have it too: it is the sign of the position."""

    LONG = "LONG"
    SHORT = "SHORT"

    @property
    def sign(self) -> int:
        return 1 if self is PositionSide.LONG else -1

    @property
    def entry_side(self) -> Side:
        return Side.BUY if self is PositionSide.LONG else Side.SELL

    @property
    def exit_side(self) -> Side:
        return self.entry_side.opposite

    @property
    def opposite(self) -> "PositionSide":
        return PositionSide.SHORT if self is PositionSide.LONG else PositionSide.LONG


@dataclass(frozen=True, slots=True)
class Liquidation:
    """One forced order. ``side`` is the side of the liquidation order: SELL means a long was liquidated.

    The feed pushes at most one liquidation per symbol per second, the latest: sums over it are lower bounds.
    """

    id: LiquidationId
    venue: Venue
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    event_time_ms: int
    trade_time_ms: int

    @property
    def notional(self) -> Decimal:
        """Quote units that traded (filled quantity times average price)."""
        return self.quantity * self.price


def liquidation_id(symbol: str, side: str, quantity: str, price: str, trade_time_ms: int) -> LiquidationId:
    """Identity by content, from the venue's own texts, so that two workers name one event alike.

    The feed sends at most one event per symbol per second, so these fields cannot collide for two events.
    """
    return LiquidationId(digest_of(symbol, side, quantity, price, trade_time_ms))


@dataclass(frozen=True, slots=True)
class BestPrices:
    """Best bid and ask with the quantities that stand there."""

    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
    time_ms: int

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> Decimal:
        return self.ask - self.bid


@dataclass(frozen=True, slots=True)
class MarkPrice:
    price: Decimal
    time_ms: int
    index: Decimal | None = None
    funding_rate: Decimal | None = None
    next_funding_time_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Candle:
    """Prices of one interval, closed or not; ``volume`` in base units. ``close_time_ms`` is its last millisecond."""

    open_time_ms: int
    close_time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """All open contracts of a symbol, base units."""

    quantity: Decimal
    time_ms: int


@dataclass(frozen=True, slots=True)
class VolumeWindow:
    """Liquidations of one symbol and one side over the trailing ``seconds`` of event time, sampled at 1 per second.

    ``usdt`` and ``tokens`` are sums right after an event, ``usdt_before`` and ``tokens_before`` the sums of the same
    trailing window without it: they differ by the event, or not at all when it came too late to count.
    ``sampled_seconds`` counts the seconds that had an event.
    """

    seconds: int
    usdt: Decimal
    tokens: Decimal
    usdt_before: Decimal
    tokens_before: Decimal
    events: int
    sampled_seconds: int


@dataclass(frozen=True, slots=True)
class MeasuredLiquidation:
    """A liquidation with the same-side windows as they stood right after it, keyed by length in seconds."""

    liquidation: Liquidation
    windows: Mapping[int, VolumeWindow]
    received_at_ms: int
    percentile: PercentileRank | None = None


@dataclass(frozen=True, slots=True)
class LiquidationBatch:
    """What the worker forwards in one message: liquidations of one symbol and the market beside them."""

    venue: Venue
    symbol: Symbol
    epoch: int
    window_covered: bool
    sent_at_ms: int
    book: BestPrices | None
    mark: MarkPrice | None
    liquidations: tuple[MeasuredLiquidation, ...]
    conditions: Conditions | None = None
