"""What the bodies of the queues look like to whoever reads them: strict, with nothing unknown and nothing converted."""

import re
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from undertow.domain.follow_up import FollowUpKind
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    MarkPrice,
    MeasuredLiquidation,
    PositionSide,
    Side,
    Venue,
    VolumeWindow,
)
from undertow.domain.numbers import NotADecimal, parse_decimal

_SUM: Final = re.compile(r"[0-9]{1,45}(?:\.[0-9]{1,24})?", re.ASCII)
"""A sum of exact products has up to twice the decimals of a price, and more digits than a venue's own numbers."""


def _exact(value: object) -> Decimal:
    return parse_decimal(value, "number")


def _sum(value: object) -> Decimal:
    if type(value) is not str or _SUM.fullmatch(value) is None:
        raise NotADecimal("sum", value)
    return Decimal(value)


Exact = Annotated[Decimal, BeforeValidator(_exact)]
Sum = Annotated[Decimal, BeforeValidator(_sum)]
Positive = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0)]
NotNegative = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0)]
TimeMs = Annotated[int, Field(gt=0, lt=10**13)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class BookBody(Body):
    bid: Positive
    bid_quantity: NotNegative
    ask: Positive
    ask_quantity: NotNegative
    time_ms: TimeMs

    def to_domain(self) -> BestPrices:
        return BestPrices(self.bid, self.bid_quantity, self.ask, self.ask_quantity, self.time_ms)


class MarkBody(Body):
    price: Positive
    time_ms: TimeMs
    index: Exact | None
    funding_rate: Exact | None
    next_funding_time_ms: Annotated[int, Field(ge=0)] | None

    def to_domain(self) -> MarkPrice:
        return MarkPrice(self.price, self.time_ms, self.index, self.funding_rate, self.next_funding_time_ms)


class WindowBody(Body):
    seconds: Annotated[int, Field(gt=0, le=10**6)]
    usdt: Sum
    tokens: Sum
    usdt_before: Sum
    tokens_before: Sum
    events: Count
    sampled_seconds: Count

    def to_domain(self) -> VolumeWindow:
        return VolumeWindow(
            self.seconds,
            self.usdt,
            self.tokens,
            self.usdt_before,
            self.tokens_before,
            self.events,
            self.sampled_seconds,
        )


class LiquidationBody(Body):
    id: Name
    side: Side
    quantity: Positive
    price: Positive
    event_time_ms: TimeMs
    trade_time_ms: TimeMs
    received_at_ms: TimeMs
    windows: list[WindowBody]

    def to_domain(self, venue: Venue, symbol: Symbol) -> MeasuredLiquidation:
        liquidation = Liquidation(
            LiquidationId(self.id),
            venue,
            symbol,
            self.side,
            self.quantity,
            self.price,
            self.event_time_ms,
            self.trade_time_ms,
        )
        windows = {window.seconds: window.to_domain() for window in self.windows}
        return MeasuredLiquidation(liquidation, windows, self.received_at_ms)


class LiquidationsBody(Body):
    v: Literal[1]
    venue: Venue
    symbol: Name
    epoch: Annotated[int, Field(ge=0)]
    window_covered: bool
    sent_at_ms: TimeMs
    book: BookBody | None
    mark: MarkBody | None
    liquidations: Annotated[list[LiquidationBody], Field(min_length=1)]


class GapBody(Body):
    from_ms: TimeMs
    to_ms: TimeMs
    reason: Name


class UserEventsBody(Body):
    v: Literal[1]
    venue: Venue
    account: Name
    received_at_ms: TimeMs | None = None
    frames: Annotated[list[str], Field(min_length=1)] | None = None
    gap: GapBody | None = None


class FollowUpBody(Body):
    v: Literal[1]
    kind: FollowUpKind
    account: Name
    symbol: Name
    position_side: PositionSide
    order: Name | None
    attempt: Count
    created_at_ms: TimeMs
