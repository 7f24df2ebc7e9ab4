"""What the bodies of the queues look like to whoever reads them: strict, with nothing unknown and nothing converted."""

import re
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from undertow.domain.conditions import (
    AggregateCascade,
    Atr,
    Bias,
    CascadeFormula,
    CascadeReading,
    Colour,
    Conditions,
    PercentileRank,
    ReversalQuality,
    Vwap,
)
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
Seconds = Annotated[int, Field(gt=0, le=10**6)]
Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=-1, le=1)]
Percent = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=100)]
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
    seconds: Seconds
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


class PercentileBody(Body):
    rank: Percent
    events: Count
    days: NotNegative
    complete: bool

    def to_domain(self) -> PercentileRank:
        return PercentileRank(self.rank, self.events, self.days, self.complete)


class AtrBody(Body):
    interval_s: Seconds
    fast_pct: NotNegative
    slow_pct: NotNegative
    closed_at_ms: TimeMs

    def to_domain(self) -> Atr:
        return Atr(self.fast_pct, self.slow_pct, self.interval_s, self.closed_at_ms)


class VwapBody(Body):
    minutes: Annotated[int, Field(gt=0, le=10**5)]
    price: Positive
    closed_at_ms: TimeMs

    def to_domain(self) -> Vwap:
        return Vwap(self.price, self.minutes, self.closed_at_ms)


class CascadeBody(Body):
    formula: CascadeFormula
    colour: Colour
    points: NotNegative
    liquidations: Exact | None
    returns: Exact | None
    open_interest: Exact | None
    counted: list[Name]
    reversal: ReversalQuality
    since_ms: TimeMs
    measured_at_ms: TimeMs
    reason: Annotated[str, Field(max_length=300)]

    def to_domain(self) -> CascadeReading:
        return CascadeReading(
            self.formula,
            self.colour,
            self.points,
            self.liquidations,
            self.returns,
            self.open_interest,
            tuple(self.counted),
            self.reversal,
            self.since_ms,
            self.measured_at_ms,
            self.reason,
        )


class AggregateBody(Body):
    formula: CascadeFormula
    blocked: bool
    blocked_symbols: Count
    fresh_symbols: Count
    monitored_symbols: Count
    since_ms: TimeMs
    measured_at_ms: TimeMs

    def to_domain(self) -> AggregateCascade:
        return AggregateCascade(
            self.blocked,
            self.blocked_symbols,
            self.fresh_symbols,
            self.monitored_symbols,
            self.since_ms,
            self.measured_at_ms,
        )


class BiasBody(Body):
    book: Share | None
    funding: Share | None
    combined: Share | None

    def to_domain(self) -> Bias:
        return Bias(self.book, self.funding, self.combined)


class ConditionsBody(Body):
    atrs: list[AtrBody]
    vwaps: list[VwapBody]
    cascades: list[CascadeBody]
    aggregates: list[AggregateBody]
    bias: BiasBody | None

    @model_validator(mode="after")
    def _each_once(self) -> "ConditionsBody":
        """Two figures for one thing: nobody could say which of them holds."""
        kept = self.to_domain()
        said = (self.atrs, self.vwaps, self.cascades, self.aggregates)
        if [len(one) for one in said] != [len(one) for one in (kept.atrs, kept.vwaps, kept.cascades, kept.aggregates)]:
            raise ValueError("measures one thing twice")
        return self

    def to_domain(self) -> Conditions:
        return Conditions(
            atrs={one.interval_s: one.to_domain() for one in self.atrs},
            vwaps={one.minutes: one.to_domain() for one in self.vwaps},
            cascades={one.formula: one.to_domain() for one in self.cascades},
            aggregates={one.formula: one.to_domain() for one in self.aggregates},
            bias=None if self.bias is None else self.bias.to_domain(),
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
    percentile: PercentileBody | None = None

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
        percentile = None if self.percentile is None else self.percentile.to_domain()
        return MeasuredLiquidation(liquidation, windows, self.received_at_ms, percentile)


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
    conditions: ConditionsBody | None = None


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


class TickMarkBody(Body):
    price: Positive
    time_ms: TimeMs


class TicksBody(Body):
    v: Literal[1]
    venue: Venue
    account: Name
    sent_at_ms: TimeMs
    marks: dict[Name, TickMarkBody]
