"""The liquidation hunter: when enough was liquidated on one side within a window, trade against it (or with it).

Deciding is a function of one measured liquidation, the market beside it, the parameters and the trading rules. It has
no clock and no memory: the worker that sees every event in order measures the windows.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, StrategyId, client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.market import (
    Liquidation,
    LiquidationBatch,
    MeasuredLiquidation,
    PositionSide,
    VolumeWindow,
)
from undertow.domain.numbers import plain
from undertow.domain.order import OrderIntent, OrderType, Purpose, TimeInForce
from undertow.risk.approval import Refusal
from undertow.risk.limits import MAX_DISTANCE_FROM_MARK, SymbolLimits
from undertow.risk.protection import ProtectionParams
from undertow.strategies.pricing import PriceTerms, entry_price
from undertow.strategies.signal import Direction, OppositePolicy, Signal, TradeSide, position_side


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
    opposite: OppositePolicy = OppositePolicy.HEDGE

    @property
    def notional(self) -> Decimal:
        return self.trade_value * self.leverage

    def threshold(self, side: PositionSide) -> Threshold:
        return self.long if side is PositionSide.LONG else self.short


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
    terms = PriceTerms(params.time_in_force, params.price_offset_pct)
    price = entry_price(signal.side.entry_side, batch.book, batch.mark, terms, instrument)
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
