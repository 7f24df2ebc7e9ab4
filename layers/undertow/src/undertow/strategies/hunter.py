"""The liquidation hunter: when enough was liquidated on one side within a window, trade against it (or with it).

Deciding is a function of one measured liquidation, the market beside it, the parameters and the trading rules. It has
no clock and no memory: the worker that sees every event in order measures the windows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, StrategyId, client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    MeasuredLiquidation,
    PositionSide,
    Side,
    VolumeWindow,
)
from undertow.domain.numbers import HUNDRED, plain
from undertow.domain.order import OrderIntent, OrderType, Purpose, TimeInForce
from undertow.risk.approval import Refusal
from undertow.risk.limits import MAX_DISTANCE_FROM_MARK, MAX_SILENT_BOOK_MS, SymbolLimits
from undertow.risk.protection import ProtectionParams

WIDE_SPREAD: Final = Decimal("0.002")
"""A spread above 0.2 % of the best price counts as wide: the entry then goes 20 % into it."""
INTO_WIDE_SPREAD: Final = Decimal("0.2")
IMPROVEMENT: Final = Decimal("0.0001")
"""In a narrow spread the entry improves the best price by 0.01 %, at least one tick."""


class Direction(StrEnum):
    """FADE trades against the liquidations (longs liquidated: buy), FOLLOW with them."""

    FADE = "fade"
    FOLLOW = "follow"


class TradeSide(StrEnum):
    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class VolumeUnit(StrEnum):
    USDT = "usdt"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Volume that opens a position; ``upper`` is the size above which a cascade means: stay out (None: no bound)."""

    lower: Decimal
    upper: Decimal | None


@dataclass(frozen=True, slots=True)
class HunterParams:
    """Settings of the hunter for one symbol.

    ``long`` and ``short`` are thresholds for the position they open. ``trade_value`` is margin in quote units;
    the order's notional is that times ``leverage``. ``price_offset_pct`` serves only when the book cannot be read.
    """

    enabled: bool
    simulate: bool
    volume_window_s: int
    volume_unit: VolumeUnit
    long: Threshold
    short: Threshold
    cooldown_s: int
    direction: Direction
    trade_side: TradeSide
    leverage: int
    margin_type: MarginType
    trade_value: Decimal
    price_offset_pct: Decimal
    time_in_force: TimeInForce
    order_ttl_s: int
    limits: SymbolLimits
    protection: ProtectionParams

    @property
    def notional(self) -> Decimal:
        return self.trade_value * self.leverage

    def threshold(self, side: PositionSide) -> Threshold:
        return self.long if side is PositionSide.LONG else self.short


@dataclass(frozen=True, slots=True)
class Signal:
    """A trigger that fired: which side to open, on what volume."""

    side: PositionSide
    liquidation: Liquidation
    inputs: Mapping[str, str]
    thresholds: Mapping[str, str]


def position_side(liquidated: Side, direction: Direction) -> PositionSide:
    """SELL means that a long was liquidated: to fade it is to buy, to follow it is to sell."""
    faded = PositionSide.LONG if liquidated is Side.SELL else PositionSide.SHORT
    return faded if direction is Direction.FADE else faded.opposite


def detect(
    measured: MeasuredLiquidation, batch: LiquidationBatch, params: HunterParams, max_age_ms: int, now_ms: int
) -> Signal | Refusal:
    """Decide whether this liquidation triggers. Needs no state beyond the message and the parameters."""
    liquidation = measured.liquidation
    side = position_side(liquidation.side, params.direction)
    if not params.enabled:
        return Refusal("symbol_enabled", "the symbol is switched off in the strategy")
    age_ms = now_ms - liquidation.event_time_ms
    if age_ms > max_age_ms:
        return Refusal(
            "event_age", "the liquidation is too old", {"age_ms": str(age_ms)}, {"max_age_ms": str(max_age_ms)}
        )
    if batch.mark is not None and abs(liquidation.price - batch.mark.price) > batch.mark.price * MAX_DISTANCE_FROM_MARK:
        return Refusal(
            "liquidation_price",
            "the liquidation's price is too far from the mark price to be believed",
            {"price": plain(liquidation.price), "mark": plain(batch.mark.price)},
        )
    window = measured.windows.get(params.volume_window_s)
    if window is None:
        return Refusal("window", f"the worker does not measure a window of {params.volume_window_s} s yet")
    if not batch.window_covered:
        return Refusal("window", "the window is not fully covered since the worker's start or a gap in the stream")
    return _triggered(liquidation, window, side, params)


def _triggered(
    liquidation: Liquidation, window: VolumeWindow, side: PositionSide, params: HunterParams
) -> Signal | Refusal:
    in_usdt = params.volume_unit is VolumeUnit.USDT
    before, after = (window.usdt_before, window.usdt) if in_usdt else (window.tokens_before, window.tokens)
    threshold = params.threshold(side)
    inputs = {
        "volume": plain(after),
        "volume_before": plain(before),
        "unit": params.volume_unit.value,
        "window_s": str(window.seconds),
        "sampled_seconds": str(window.sampled_seconds),
        "side": side.value,
    }
    thresholds = {"volume_threshold": plain(threshold.lower)}
    if after < threshold.lower:
        return Refusal("volume", "the liquidated volume is below the threshold", inputs, thresholds)
    if before >= threshold.lower:
        # An edge, not a level: while the volume stays above, the crossing was acted on already.
        return Refusal("volume_edge", "the volume was above the threshold already", inputs, thresholds)
    if threshold.upper is not None and after > threshold.upper:
        thresholds["volume_upper_bound"] = plain(threshold.upper)
        return Refusal("volume_upper_bound", "the liquidated volume is above the upper bound", inputs, thresholds)
    if params.trade_side is not TradeSide.BOTH and params.trade_side.value != side.value.lower():
        return Refusal("trade_side", f"the strategy trades {params.trade_side.value} only", inputs, thresholds)
    return Signal(side, liquidation, inputs, thresholds)


def entry_price(
    side: Side, book: BestPrices | None, mark: MarkPrice | None, params: HunterParams, instrument: Instrument
) -> Decimal | None:
    """Limit price from the book, on the tick grid; None when there is nothing to price from.

    A wide spread is entered by a fifth; in a narrow one the best price is improved by 0.01 %, at least a tick. A
    post-only order stops a tick before the other side, any other order at it: paying more buys nothing.
    """
    if book is None or book.bid <= 0 or book.ask <= book.bid or _is_silent(book, mark):
        return _offset_price(side, mark, params, instrument)
    own, other = (book.bid, book.ask) if side is Side.BUY else (book.ask, book.bid)
    if book.spread > own * WIDE_SPREAD:
        step = book.spread * INTO_WIDE_SPREAD
    else:
        step = max(instrument.tick_size, own * IMPROVEMENT)
    gap = instrument.tick_size if params.time_in_force is TimeInForce.GTX else Decimal(0)
    price = min(own + step, other - gap) if side is Side.BUY else max(own - step, other + gap)
    return instrument.entry_price(price, side)


def _is_silent(book: BestPrices, mark: MarkPrice | None) -> bool:
    """Mark prices go on while the book has said nothing for long: its own stream may have died."""
    return mark is not None and mark.time_ms - book.time_ms > MAX_SILENT_BOOK_MS


def _offset_price(side: Side, mark: MarkPrice | None, params: HunterParams, instrument: Instrument) -> Decimal | None:
    if mark is None or mark.price <= 0:
        return None
    share = params.price_offset_pct / HUNDRED
    price = mark.price * (1 - share) if side is Side.BUY else mark.price * (1 + share)
    return instrument.entry_price(price, side)


def entry(
    signal: Signal,
    batch: LiquidationBatch,
    params: HunterParams,
    instrument: Instrument,
    strategy: StrategyId,
    account: AccountId,
    layer: int,
    max_age_ms: int,
) -> OrderIntent | Refusal:
    """The order that acts on ``signal``. The same signal makes the same order, id included, whenever it is asked."""
    price = entry_price(signal.side.entry_side, batch.book, batch.mark, params, instrument)
    if price is None or price <= 0:
        return Refusal("price", "there is neither a book nor a mark price to price the entry from")
    quantity = instrument.quantity_below(params.notional / price)
    return OrderIntent(
        client_order_id=client_order_id(
            Purpose.ENTRY.letter, account, strategy, signal.liquidation.symbol, signal.liquidation.id
        ),
        account=account,
        symbol=signal.liquidation.symbol,
        position_side=signal.side,
        purpose=Purpose.ENTRY,
        type=OrderType.LIMIT,
        quantity=quantity,
        strategy=strategy,
        price=price,
        time_in_force=params.time_in_force,
        leverage=params.leverage,
        layer=layer,
        ttl_s=params.order_ttl_s,
        expires_at_ms=signal.liquidation.event_time_ms + max_age_ms,
    )
